/// The offsets of one time zone. Stub: to be replaced by the reader of the system's zone files.
public struct TimeZoneRules: Sendable, Hashable {
  public let identifier: String
  public init?(identifier: String) { self.identifier = identifier }
  public static let utc = TimeZoneRules(identifier: "UTC")!
  /// Seconds east of Greenwich at `instant`.
  public func offset(at instant: Instant) -> Int { 0 }
}
