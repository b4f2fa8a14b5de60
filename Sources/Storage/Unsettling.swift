extension Connection {
  /// Somebody may have to hear something at the next run though it finds what it knows: whatever changes what runs build
  /// on, and is no run itself, says so here.
  ///
  /// - Parameter watch: nil for all.
  func unsettle(watch: String?) throws {
    if let watch {
      try run("UPDATE watch_states SET settled = NULL WHERE watch = ?", watch)
    } else {
      try run("UPDATE watch_states SET settled = NULL WHERE settled IS NOT NULL")
    }
  }
}
