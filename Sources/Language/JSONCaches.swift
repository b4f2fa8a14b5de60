/// Names seen before in this text: rows repeat their names, and a name found here needs no allocation.
///
/// One in which nothing was remembered allocates nothing: most texts that are read are one number of a larger one.
struct JSONNameCache {
  private var hashes: [UInt64] = []
  private var names: [String] = []
  /// Direct-mapped; more names than this push each other out, which costs time only.
  private static let size = 128

  /// Mixes eight bytes at a time. Only a hint: equal hashes are always followed by a comparison, and nothing grows
  /// with collisions.
  @inline(__always)
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
    guard let base = bytes.baseAddress else { return hash }
    var here = 0
    while here + 8 <= bytes.count {
      let word = UnsafeRawPointer(base + here).loadUnaligned(as: UInt64.self)
      hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
      hash ^= hash >> 32
      here += 8
    }
    var rest: UInt64 = 0
    while here < bytes.count {
      rest = rest << 8 | UInt64(base[here])
      here += 1
    }
    hash = (hash ^ rest) &* 0xFF51_AFD7_ED55_8CCD
    return hash ^ (hash >> 32)
  }

  @inline(__always)
  subscript(bytes: UnsafeBufferPointer<UInt8>, hash: UInt64) -> String? {
    let slot = Int(truncatingIfNeeded: hash & UInt64(Self.size - 1))
    guard slot < hashes.count, hashes[slot] == hash else { return nil }
    let isSame = names[slot].utf8.withContiguousStorageIfAvailable { sameBytes($0, bytes) }
    return isSame == true ? names[slot] : nil
  }

  mutating func remember(_ name: String, _ hash: UInt64) {
    if hashes.isEmpty {
      hashes = Array(repeating: 0, count: Self.size)
      names = Array(repeating: "", count: Self.size)
    }
    let slot = Int(truncatingIfNeeded: hash & UInt64(Self.size - 1))
    hashes[slot] = hash
    names[slot] = name
  }
}

/// Lists of names seen before in this text: rows mostly have the same names in the same order, and share one array.
struct JSONShapeCache {
  private var hashes: [UInt64] = []
  private var shapes: [[String]] = []
  private static let size = 32

  /// The names from `start` on, taken off the stack.
  ///
  /// - Parameter hash: Made of the hashes of the names, in order.
  @inline(__always)
  mutating func take(_ names: inout JSONStack<String>, from start: Int, hash: UInt64) -> [String] {
    if hashes.isEmpty {
      hashes = Array(repeating: 0, count: Self.size)
      shapes = Array(repeating: [], count: Self.size)
    }
    let slot = Int(truncatingIfNeeded: hash & UInt64(Self.size - 1))
    if hashes[slot] == hash, names.equals(shapes[slot], from: start) {
      names.drop(from: start)
      return shapes[slot]
    }
    let taken = names.takeAll(from: start)
    hashes[slot] = hash
    shapes[slot] = taken
    return taken
  }
}

extension JSONStack<String> {
  fileprivate func equals(_ names: [String], from start: Int) -> Bool {
    guard names.count == count - start else { return false }
    for (index, name) in names.enumerated() where !self[start + index].hasSameScalars(as: name) { return false }
    return true
  }
}
