//! endurance
