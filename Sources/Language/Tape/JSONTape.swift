/// A JSON text that was read once, and of which nothing was made but a list of where each value stands.
///
/// For documents of which a few values are asked: names are compared, and strings and numbers made, only where a path
/// leads. ``JSONPath/select(from:)-(JSONTapeNode)`` gives what it gives on ``JSON``, and any place becomes ``JSON`` when it
/// is asked to.
public final class JSONTape {
  /// One value. Those of a container follow it, each with all that is in it.
  struct Entry {
    /// In bytes, the quotes of a string included.
    var start: UInt32
    var end: UInt32
    /// Of the entry behind it and all that is in it.
    var next: UInt32 = 0
    /// Of a member: where its name stands, without quotes.
    var name: UInt32
    var nameLength: UInt32
    var kind: Kind
    /// Of a string.
    var hasEscapes = false
  }

  enum Kind: UInt8 { case null, yes, no, number, string, array, object }

  let bytes: [UInt8]
  let entries: [Entry]
  /// The whole as a tree, for paths that need one.
  private var tree: JSON?

  /// - Returns: nil for what ``JSON/init(parsing:limits:)-(UnsafeBufferPointer<UInt8>,_)`` has to read: what is no JSON or
  ///   passes a limit, so that it says so; and objects whose names have escapes or come twice.
  /// - Parameter bytes: UTF-8, which is not checked here.
  public init?(utf8 bytes: [UInt8], limits: JSONLimits = JSONLimits()) {
    guard bytes.count < UInt32.max else { return nil }
    let entries = bytes.withUnsafeBufferPointer { buffer -> [Entry]? in
      var scanner = JSONTapeScanner(buffer, limits)
      return scanner.scan() ? scanner.entries : nil
    }
    guard let entries else { return nil }
    self.bytes = bytes
    self.entries = entries
  }

  public var root: JSONTapeNode { JSONTapeNode(tape: self, index: 0) }

  func json(at index: Int) -> JSON {
    if index == 0, let tree { return tree }
    let entry = entries[index]
    let made = bytes.withUnsafeBufferPointer { buffer -> JSON in
      // The scanner has read it: what it takes, the reader takes.
      (try? JSON(parsing: UnsafeBufferPointer(rebasing: buffer[Int(entry.start)..<Int(entry.end)]))) ?? .null
    }
    if index == 0 { tree = made }
    return made
  }
}

/// A value on a ``JSONTape``. Stays on the thread that reads it.
public struct JSONTapeNode {
  let tape: JSONTape
  let index: Int

  private var entry: JSONTape.Entry { tape.entries[index] }

  public var isNull: Bool { entry.kind == .null }

  /// The value with all that is in it.
  public var json: JSON {
    switch entry.kind {
    case .null: .null
    case .yes: .bool(true)
    case .no: .bool(false)
    case .string where !entry.hasEscapes:
      .string(
        tape.bytes.withUnsafeBufferPointer { bytes in
          String(
            decoding: UnsafeBufferPointer(rebasing: bytes[Int(entry.start + 1)..<Int(entry.end - 1)]), as: UTF8.self)
        })
    case .number, .string, .array, .object: tape.json(at: index)
    }
  }
}
