import PluginHost

extension ChannelWorker {
  /// Hands ended attempts to the outbox, those of other sends that ended meanwhile in the same transaction.
  ///
  /// A request counts as in flight until its record is kept, so a crash can double no more than those. While the outbox
  /// fails nothing new is sent; it is tried again until it works or the worker is cut off.
  ///
  /// - Parameter requests: How many requests this ends.
  func record(_ attempts: [AttemptRecord], requests: Int) async {
    unrecorded += attempts
    unrecordedRequests += requests
    guard !isRecording else { return }
    isRecording = true
    defer { isRecording = false }
    while !unrecorded.isEmpty || unrecordedRequests > 0 {
      let (batch, ended) = (unrecorded, unrecordedRequests)
      unrecorded = []
      unrecordedRequests = 0
      do {
        if !batch.isEmpty { try await outbox.record(batch, now: time.now()) }
        storeFailures = 0
        inFlight -= ended
        signal.wake()
      } catch {
        unrecorded = batch + unrecorded
        unrecordedRequests += ended
        storeFailed("record", error)
        if await !rest() { return abandon() }
      }
    }
  }

  /// Notes a failure of the outbox and leaves it alone for a while.
  func storeFailed(_ operation: String, _ error: any Error) {
    storeFailures += 1
    let wait = min(.seconds(30), Backoff.jittered(.seconds(1 << min(storeFailures - 1, 5)), random))
    storeRests = max(storeRests, time.uptime() + wait)
    onEvent(.storeFailed(channel: channel, operation: operation, message: "\(error)", wait: wait))
  }

  /// - Returns: False when the worker was cut off meanwhile.
  private func rest() async -> Bool {
    do {
      try await time.sleep(for: max(storeRests - time.uptime(), .milliseconds(1)))
      return true
    } catch {
      return false
    }
  }

  /// Cut off with attempts that could not be recorded: their leases lapse, and they come back as unsure.
  private func abandon() {
    cut += unrecorded.count
    inFlight -= unrecordedRequests
    unrecorded = []
    unrecordedRequests = 0
    signal.wake()
  }
}
