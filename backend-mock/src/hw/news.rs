//! The news of a channel that nobody has taken yet, oldest first.

use alloc::collections::VecDeque;

use super::{News, NewsKind};

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
