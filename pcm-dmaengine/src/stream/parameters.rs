//! The parameters, on every state that has some: the hardware's stay as they are until they are taken back, the client's may change at any time.

use dmaengine_core::{Engine, EngineCyclic};

use super::{
    Base, Draining, Faulted, Leftover, Paused, Prepared, Running, Setup, Stopped, Suspended, Undone, Way, Xrun,
};
use crate::error::SwParamError;
use crate::sw_params::SwParams;
use crate::units::HwParams;

impl<E: Engine> Base<'_, E> {
    fn set_sw_params(&self, sw: SwParams) -> Result<(), SwParamError> {
        sw.check(&self.params)?;
        self.half.pcm.with(|shared| shared.sw = sw);
        Ok(())
    }
}

macro_rules! parameters {
    ($($state:ident < $($way:ident)? >, $this:ident => $base:expr;)*) => { $(
        impl<'a, E: EngineCyclic, $($way: Way)?> $state<'a, E, $($way)?> {
            /// The parameters.
            pub fn params(&self) -> &HwParams {
                let $this = self;
                &$base.params
            }

            /// The software parameters.
            pub fn sw_params(&self) -> SwParams {
                let $this = self;
                $base.half.pcm.with(|shared| shared.sw)
            }

            /// Other software parameters: when the stream starts by itself, wakes, falls silent and stops. They hold until there are others, or other
            /// hardware parameters, which bring [`SwParams::new`] back. With a lower stop threshold the next call on a running stream may
            /// find an XRUN.
            ///
            /// # Errors
            /// [`SwParamError`]; nothing was changed.
            #[doc(alias = "snd_pcm_sw_params")]
            pub fn set_sw_params(&mut self, sw: SwParams) -> Result<(), SwParamError> {
                let $this = self;
                $base.set_sw_params(sw)
            }
        }
    )* };
}

parameters! {
    Setup<D>, this => this.base;
    Prepared<D>, this => this.base;
    Undone<D>, this => this.halt.base;
    Running<D>, this => this.flow.base;
    Draining<>, this => this.running.flow.base;
    Leftover<>, this => this.halt.base;
    Paused<D>, this => this.flow.base;
    Suspended<D>, this => this.base();
    Xrun<D>, this => this.halt.base;
    Stopped<D>, this => this.halt.base;
    Faulted<D>, this => this.halt.base;
}
