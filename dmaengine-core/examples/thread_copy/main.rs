//! Copies with a controller that is a thread.
mod engine;
mod machine;

use dmaengine_core::*;

fn main() {
    let dma: Dma<engine::ThreadCopy, 2> = Dma::new(engine::ThreadCopy::new());
    let handler = |atomic: &Atomic<'_>| dma.interrupt(atomic, &mut |_, event| println!("event: {:?}", event.kind));
    machine::thread(dma.engine(), &handler, &mut |context| {
        let idle = dma.channel(0).unwrap();
        let copy = idle.prep_memcpy(vec![0u8; 4096].leak(), vec![7u8; 4096].leak()).unwrap();
        let (active, transfer) = idle.start(copy).unwrap();
        context.sleep(Micros::from_millis(1));
        let idle = active.terminate_async().synchronize(context).unwrap();
        println!("{:?}", transfer.try_resolve().unwrap().outcome);
        drop(idle);
    });
}
