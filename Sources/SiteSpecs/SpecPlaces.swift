import Diagnostics

/// Where each value of a file is written, by the key paths that compiled specs carry.
///
/// Read beside the spec itself, so that a running spec need not hold it.
public struct SpecPlaces: Sendable {
  private var places: [String: SpecLocation] = [:]
  private var keys: [String: SpecLocation] = [:]

  /// Empty for a file that can't be read.
  public init(file: String, bytes: [UInt8]) {
    let reading = YAMLReader().read(file: file, bytes: bytes)
    guard let root = reading.root else { return }
    note(Entry(node: root, key: nil, path: ""), reading.source)
  }

  /// Of `steps[0].rows.fields.price`; nil where nothing is written there.
  public subscript(keyPath: String) -> SpecLocation? { places[keyPath] }

  /// Of every value that is written, lists and mappings too.
  public var paths: [String] { places.keys.sorted() }

  /// Where the key of a value is written, or an element of a list.
  public func key(_ keyPath: String) -> SpecLocation? { keys[keyPath] ?? places[keyPath] }

  /// The place itself, or that of what it stands in: `steps[0].anchor` for a step without one is the step's.
  public func nearest(_ keyPath: String) -> SpecLocation? {
    var path = keyPath
    while !path.isEmpty {
      if let place = places[path] { return place }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
      path = String(path[..<end])
    }
    return nil
  }

  private mutating func note(_ entry: Entry, _ source: YAMLSource) {
    places[entry.path] = source.location(entry.node.start)
    if let key = entry.key { keys[entry.path] = source.location(key.start) }
    for child in entry.members ?? entry.elements ?? [] { note(child, source) }
  }
}
