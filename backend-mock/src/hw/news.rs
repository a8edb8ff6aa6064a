//! News: what a channel has to tell, and what of it nobody has taken yet, oldest first.

use alloc::collections::VecDeque;

use super::time::Nanos;

/// What a channel has to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// The program it is about.
    pub tag: u64,
    /// When it happened; of several periods, the first.
    pub at: Nanos,
    /// What happened.
    pub kind: NewsKind,
}

/// Kinds of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewsKind {
    /// So many periods have ended since somebody looked.
    Periods(u32),
    /// The program has moved all it had to.
    Done,
    /// The channel has come to rest after `disable`.
    Stopped,
    /// The program ran into memory that is not there, or cannot be run at all. It was stopped.
    Fault,
}

#[derive(Debug, Default)]
pub(super) struct NewsQueue(VecDeque<News>);

impl NewsQueue {
    /// Something has happened. A period joins the news of the one before it, if that is of the same program and still here.
    pub(super) fn tell(&mut self, news: News) {
        if let (NewsKind::Periods(more), Some(last)) = (news.kind, self.0.back_mut()) {
            if let (NewsKind::Periods(count), true) = (&mut last.kind, last.tag == news.tag) {
                *count = count.saturating_add(more);
                return;
            }
        }
        self.put(news);
    }

    /// Behind all others, and by itself.
    pub(super) fn put(&mut self, news: News) {
        self.0.push_back(news);
    }

    pub(super) fn take(&mut self) -> Option<News> {
        self.0.pop_front()
    }

    pub(super) fn first(&self) -> Option<News> {
        self.0.front().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
