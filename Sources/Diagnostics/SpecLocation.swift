/// A place in a file that a person edits.
///
/// Lines and columns count from 1, as editors do; columns count Unicode scalars.
public struct SpecLocation: Sendable, Hashable, Comparable {
  /// The path as the user gave it, never made absolute.
  public var file: String
  public var line: Int
  public var column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  public static func < (a: SpecLocation, b: SpecLocation) -> Bool {
    (a.file, a.line, a.column) < (b.file, b.line, b.column)
  }

  /// This place moved right by `scalars` columns, as for an offset inside a one-line scalar.
  public func advanced(by scalars: Int) -> SpecLocation {
    SpecLocation(file: file, line: line, column: column + scalars)
  }
}

extension SpecLocation: CustomStringConvertible {
  public var description: String { "\(file):\(line):\(column)" }
}
