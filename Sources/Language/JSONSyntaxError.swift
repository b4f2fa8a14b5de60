/// Why bytes are not a JSON text that can be used.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong, as a fixed word for logs and verdicts.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The input ended inside a value, as when a connection was cut. A lone number cut short cannot be told.
    case truncated
    /// A byte that RFC 8259 does not allow where it stands.
    case malformed
    /// Allowed by the grammar, refused by ``JSONLimits``.
    case limit
  }

  public var kind: Kind
  /// Where in the input, in bytes from 0; the length of the input when it ended too early.
  public var offset: Int
  public var message: String

  public init(_ kind: Kind, _ message: String, offset: Int) {
    self.kind = kind
    self.message = message
    self.offset = offset
  }

  public var description: String { "\(message) at byte \(offset)" }
}

/// How much a JSON text may hold before it is refused.
public struct JSONLimits: Sendable, Hashable {
  /// Arrays and objects inside one another; 512 as DESIGN.md section 6 says, so that recursive code is safe on any
  /// thread's stack.
  public var depth: Int
  /// Values in all, the containers too: a million take up to some 60 MB.
  public var nodes: Int

  public init(depth: Int = 512, nodes: Int = 1_000_000) {
    self.depth = depth
    self.nodes = nodes
  }
}
