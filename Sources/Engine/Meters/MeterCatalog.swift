import Metrics

/// Every metric that `slothunter run` serves: the one list that docs/metrics.md is checked against.
public enum MeterCatalog {
  public static let all: [MetricDescription] =
    [
      build, runs, changes, commits, commitFailures, fetches, fetchTime, fetchedBytes, extractTime, lag, silence,
      watches,
      running, waiting, originWait, originRefusals, origins, attempts, attemptTime, deliveryTime, channelUp, queued,
      oldest, dead, incidents, storeSize, storeLog, storeFree, storeReserve, storeTrouble, reloads, sitesFailed,
      sampleAge,
    ] + ProcessFigures.descriptions

  // MARK: Runs

  static let build = MetricDescription.gauge(
    "slothunter_build_info", ["version"], "Always 1; the label is the version that runs.")
  static let runs = MetricDescription.counter(
    "slothunter_runs_total", ["site", "verdict"], "Runs that were stored, by their most serious verdict.")
  static let changes = MetricDescription.counter(
    "slothunter_changes_total", ["site", "kind"], hidesZeros: true, "Changes found: items added, removed, updated.")
  static let commits = MetricDescription.histogram(
    "slothunter_run_commit_seconds", [], .commits, "Time to store a run, from its end.")
  static let commitFailures = MetricDescription.counter(
    "slothunter_run_commit_failures_total", [], "Runs that could not be stored; the next run finds the same again.")

  // MARK: Reading

  static let fetches = MetricDescription.counter(
    "slothunter_fetches_total", ["site", "result"], hidesZeros: true,
    "Requests of runs: ok, not_modified, throttled, client_error, server_error, or why no answer came.")
  static let fetchTime = MetricDescription.histogram(
    "slothunter_fetch_duration_seconds", ["site"], .fetches, "Time from a request's start to its whole answer.")
  static let fetchedBytes = MetricDescription.counter(
    "slothunter_fetched_bytes_total", ["site"], "Bytes of answers, after decompression.")
  static let extractTime = MetricDescription.histogram(
    "slothunter_extract_duration_seconds", ["site"], .extractions, "Time to judge an answer and read its rows.")

  // MARK: Schedule and politeness

  static let lag = MetricDescription.histogram(
    "slothunter_schedule_lag_seconds", [], .lags, "How much later than planned runs started.")
  static let silence = MetricDescription.gauge(
    "slothunter_scheduler_silence_seconds", [],
    "Time since the scheduler's loop last went round: it does every 5 s, and /healthz fails from 30 s on.")
  static let watches = MetricDescription.gauge("slothunter_watches", [], "Watches on schedule.")
  static let running = MetricDescription.gauge("slothunter_runs_running", [], "Runs under way.")
  static let waiting = MetricDescription.gauge(
    "slothunter_runs_waiting", [], "Runs that are due and wait for a place of their site.")
  static let originWait = MetricDescription.histogram(
    "slothunter_origin_wait_seconds", [], .lags, "How long requests waited for their origin's turn.")
  static let originRefusals = MetricDescription.counter(
    "slothunter_origin_refusals_total", [], "Requests not sent because their origin is to be left alone for now.")
  static let origins = MetricDescription.gauge(
    "slothunter_origins", ["state"],
    "Origins that were asked, by state: healthy, failing, open and half_open (of their breaker).")

  // MARK: Sending

  static let attempts = MetricDescription.counter(
    "slothunter_attempts_total", ["channel", "outcome"], hidesZeros: true, "Tries to send, by their outcome.")
  static let attemptTime = MetricDescription.histogram(
    "slothunter_attempt_duration_seconds", ["channel"], .fetches, "Time that a try to send took.")
  static let deliveryTime = MetricDescription.histogram(
    "slothunter_delivery_latency_seconds", ["channel"], .deliveries,
    "Time from a delivery's creation to its acceptance, with quiet hours, digests and rates.")
  static let channelUp = MetricDescription.gauge(
    "slothunter_channel_up", ["channel"], "1 while a channel answers and is set up rightly, else 0.")
  static let queued = MetricDescription.gauge(
    "slothunter_outbox_deliveries", ["channel"], "Deliveries that wait or are being sent.")
  static let oldest = MetricDescription.gauge(
    "slothunter_outbox_oldest_seconds", ["channel"], "Age of the oldest of them; 0 where none waits.")
  static let dead = MetricDescription.gauge(
    "slothunter_outbox_dead", ["channel"], "Deliveries that died undelivered, and are kept for an operator to look at.")
  static let incidents = MetricDescription.gauge(
    "slothunter_incidents_open", [], "Incidents that maintainers were told of, and that are not over.")

  // MARK: Store, files and the figures themselves

  static let storeSize = MetricDescription.gauge("slothunter_store_size_bytes", [], "Size of the store's file.")
  static let storeLog = MetricDescription.gauge(
    "slothunter_store_log_bytes", [], "Size of the store's write-ahead log.")
  static let storeFree = MetricDescription.gauge("slothunter_store_free_bytes", [], "Room left on the store's disk.")
  static let storeReserve = MetricDescription.gauge(
    "slothunter_store_reserve_bytes", [], "Room set aside for a full disk.")
  static let storeTrouble = MetricDescription.gauge(
    "slothunter_store_trouble", ["trouble"], "1 for what is wrong with the store: damaged, failing, full, and so on.")
  static let reloads = MetricDescription.counter(
    "slothunter_reloads_total", ["result"], "Changed configurations taken up (ok), or refused (failed).")
  static let sitesFailed = MetricDescription.gauge(
    "slothunter_sites_failed", [], "Site specs whose file has a mistake: they go on as they were, or not at all.")
  static let sampleAge = MetricDescription.gauge(
    "slothunter_sample_age_seconds", [],
    "Age of the figures that are looked up (outbox, origins, watches): at most 5 s unless something is stuck.")
}

extension Buckets {
  /// 1 ms to 5 s; the promise of group commits is 20 ms.
  static let commits = Buckets(
    [1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 5000].map { .milliseconds($0) })
  /// 5 ms to 30 s, where every request ends (DESIGN.md section 6).
  static let fetches = Buckets(
    [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 15_000, 30_000].map { .milliseconds($0) })
  /// 50 µs to 5 s: a page of 62 KB takes 60 µs by the byte scan and 1 ms as a tree.
  static let extractions = Buckets(
    [50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 100_000, 500_000, 1_000_000, 5_000_000]
      .map { .microseconds($0) })
  /// 1 ms to 5 min; the promise is 250 ms.
  static let lags = Buckets(
    [1, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 15_000, 60_000, 300_000].map { .milliseconds($0) })
  /// 10 ms to a day, as far as quiet hours and digests go.
  static let deliveries = Buckets(
    [10, 25, 50, 100, 250, 500, 1000, 5000, 15_000, 60_000, 300_000, 3_600_000, 21_600_000, 86_400_000]
      .map { .milliseconds($0) })
}
