//! The faults: each breaks one promise of an engine, and its documentation says which.

/// Declares the faults and the list of them all.
macro_rules! faults {
    ($($(#[$doc:meta])+ $name:ident,)*) => {
        /// What an engine does wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Fault { $($(#[$doc])+ $name,)* }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

faults! {
    /// Preparing writes a byte to the destination.
    PrepareTouches,
    /// A free channel starts what is prepared at once.
    StartsAtPrepare,
    /// At the end of a transfer the hardware goes on by itself with what is prepared.
    StartsNextByItself,
    /// Preparing waits for 5 ms.
    SlowPrepare,
    /// The first start of a channel is not performed.
    FirstStartLost,
    /// The first start after a stop is not performed: the silence of August 2020.
    DeafAfterStop,
    /// The first start after a stop goes on with the old program, whose context is still loaded.
    OldProgramAfterStop,
    /// The first start after a stop begins where the old transfer had come to.
    OldPositionAfterStop,
    /// The end is told when the transfer starts.
    DoneTooEarly,
    /// The end is not told.
    DoneNotTold,
    /// The end is told once more, for the next transfer.
    DoneForTheNextToo,
    /// What has ended runs a second time.
    RunsTwice,
    /// If several channels have news, only the lowest is told, and the others' news is lost.
    OtherChannelsNewsLost,
    /// News of the past is told under the present transfer's number.
    OldNewsUnderTheNewNumber,
    /// Several periods at once are told as one.
    PeriodsNotCounted,
    /// One period too many is told each time.
    PeriodsInvented,
    /// Progress counts 64 bytes that have not arrived.
    ProgressAhead,
    /// Progress begins anew in each round of a ring.
    ProgressWraps,
    /// Progress never moves, though it is declared to do so by burst.
    ProgressStuck,
    /// Residue is declared to be by descriptor, and told by burst.
    FinerThanDescriptor,
    /// Residue is declared to be by segment, and told by burst.
    FinerThanSegment,
    /// A pause is not performed, and not refused.
    PauseIgnored,
    /// A paused transfer does not go on, and does not say so.
    ResumeIgnored,
    /// A paused transfer starts over instead of going on.
    ResumeStartsOver,
    /// A paused channel ignores a stop.
    StopOfPausedIgnored,
    /// Every stop is ignored.
    StopIgnored,
    /// To ask for a stop takes 50 us.
    SlowTerminate,
    /// The hardware takes longer to stop than is declared.
    StopLongerThanDeclared,
    /// A stop stops the neighbouring channel as well.
    StopHitsNeighbour,
    /// The hardware is said to have stopped, whether it has or not.
    IsStoppedLies,
    /// A stop is only known to be complete when its interrupt has been taken.
    StopNeedsTheInterrupt,
    /// The end of a stop is not told.
    StoppedNotTold,
    /// What is queued behind a stop takes the stop back.
    QueueTakesTheStopBack,
    /// A reset does nothing, and the hardware is said to have stopped.
    ResetLies,
    /// It pauses, and its facts say that it does not.
    DeniesPause,
    /// Descriptors are not taken back.
    NotReleased,
    /// Of a copy whose length is no multiple of four the last bytes are missing.
    CopyTailMissing,
    /// A copy whose length is no multiple of four goes on to the next multiple.
    CopyTooLong,
    /// A copy takes each byte from the place behind the one it should.
    CopyShifted,
    /// A fill writes another byte than the one it should.
    FillsWrongByte,
    /// A fill whose length is no multiple of four goes on to the next multiple.
    FillTooLong,
    /// A copy of rectangles writes to the gaps between its pieces as well.
    GapsOverwritten,
    /// Of a copy of rectangles the last piece is missing.
    LastPieceMissing,
    /// Rows from a device go on for a byte into the gaps between their pieces.
    DeviceGapsOverwritten,
    /// Rows from a device are written without the gaps between their pieces.
    DeviceGapsFilled,
    /// Of rows from a device the last piece is missing.
    DeviceLastPieceMissing,
    /// A repeating transfer from a device ends after one round.
    DeviceRepeatsOnce,
    /// A repeating transfer ends after one round.
    RepeatsOnce,
    /// The rounds of a repeating transfer are not told.
    RoundsNotTold,
    /// A repeating transfer is never made to end.
    EndRepeatIgnored,
    /// A repeating transfer that is to end at the end of its round ends at once.
    EndRepeatAtOnce,
    /// A repeating transfer that is to end goes round once more than it should.
    EndRepeatLate,
    /// When a repeating transfer was made to end, no later one repeats.
    EndRepeatSticks,
    /// A list towards a device begins with its second frame, and then comes the first.
    PlaysFramesSwapped,
    /// The last segment of a list towards a device is sent twice.
    PlaysASegmentTwice,
    /// Of a list towards a device the last frame of the first segment is missing.
    PlaysASegmentShort,
    /// A ring towards a device goes back to its beginning a period too early.
    PlaysARingShort,
    /// Progress towards a device counts 64 bytes that the device has not got.
    PlaysAhead,
    /// The hardware is said to have stopped serving a device, whether it has or not.
    PlaysOn,
}
