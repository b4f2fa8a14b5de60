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
    note(Entry(root: root), reading.source)
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

extension SpecReader {
  /// Where a value of a file stands: for what is found out about a spec after it was read.
  ///
  /// - Parameter keyPath: `items.key`, `steps[0].get`.
  public static func place(
    of keyPath: String, file: String, bytes: [UInt8]
  ) -> (location: SpecLocation, excerpt: String?)? {
    let reading = YAMLReader().read(file: file, bytes: bytes)
    var entry = reading.root.map { Entry(root: $0) }
    for part in keyPath.split(separator: ".") {
      // `steps[0]` is a member and then an element.
      let name = part.prefix { $0 != "[" }
      entry = entry?.members?.first { $0.name == name }
      guard name.count < part.count, let index = Int(part.dropFirst(name.count + 1).dropLast()) else { continue }
      entry = entry?.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
    }
    return entry.map { found in
      let location = reading.source.location(found.node.start)
      return (location, reading.source.text(ofLine: location.line))
    }
  }
}
