//! What a user meets: how a worker ends, what it refuses, and what it says.
