extension Connection {
  /// Several reads of one moment.
  func reading<T>(_ body: () throws -> T) throws -> T {
    try run("BEGIN")
    // Nothing was written: ending the transaction can lose nothing.
    defer { _ = try? run("COMMIT") }
    return try body()
  }
}
