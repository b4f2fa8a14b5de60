import PluginHost

/// Waiting time before retry `n`, counted from 1.
///
/// 2 s × 2ⁿ⁻¹, capped at 5 min: 2 s, 4 s, 8 s … 256 s, then 5 min from the ninth on.
/// Jitter is added by the caller, so this stays testable.
public func backoff(beforeRetry n: Int) -> Duration {
  precondition(n >= 1, "retries are counted from 1")
  return n > 8 ? .seconds(300) : .seconds(2 << (n - 1))
}

/// `duration` and up to a quarter more, by chance: never less, so a wait that somebody asked for is kept.
public func jittered(_ duration: Duration, random: RandomSource) -> Duration {
  duration + duration * (0.25 * random.fraction())
}
