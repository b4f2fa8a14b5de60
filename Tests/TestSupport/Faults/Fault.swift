/// One entry of the fault corpus: a valid file, the one edit made to it, and what must be said of it.
public struct Fault: Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    /// An error must be told.
    case fault
    /// A warning must be told, by its code.
    case unwise
    /// Nothing may be told.
    case fine
  }

  public var kind: Kind
  public var id: String
  /// The file of the corpus that it is written in: `site-keys`.
  public var topic: String
  /// `clinic.site`, as its file in `bases/` without `.yaml`.
  public var base: String
  /// What stands once in the base, and what takes its place. Both empty: the base as it is.
  public var find = ""
  public var replace = ""
  /// Text that stands on the expected line, alone in the broken file; nil: the line on which the edit begins to differ.
  public var place: String?
  /// What the message or the key path must hold.
  public var says: [String] = []
  /// What the help must hold.
  public var help: String?
  /// Text on the line that a note must point at.
  public var other: String?
  public var code: String?
  /// Files beside, as a path and the base that is copied there.
  public var beside: [(path: String, base: String)] = []
  /// Where the problem is told, if not in the edited file.
  public var file: String?

  public var description: String { "\(topic)/\(id)" }

  /// Which of the three kinds of files is edited.
  public var fileKind: FileKind { FileKind(base: base) }

  public enum FileKind: String, Sendable, CaseIterable {
    case site, notifier, configuration

    init(base: String) {
      if base.hasSuffix(".site") {
        self = .site
      } else {
        self = base.hasSuffix(".notifier") ? .notifier : .configuration
      }
    }
  }
}

/// A file with a single fault in it, ready to be read.
public struct BrokenFile: Sendable {
  public var fault: Fault
  /// Where it has to stand: `sites/clinic.yaml`.
  public var path: String
  public var bytes: [UInt8]
  /// The line the problem is on, from 1; of ``Fault/file`` where that is given.
  public var line: Int
  /// The line a note must name; nil where none is asked for.
  public var otherLine: Int?

  public var text: String { String(decoding: bytes, as: UTF8.self) }
}
