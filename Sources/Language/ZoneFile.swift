import Glibc

/// Reads the zone files of tzdata (TZif, RFC 8536), version 2 and later: the 64-bit block and the rule after it.
///
/// Nothing in the file is trusted: every count is checked against the bytes there are.
enum ZoneFile {
  /// Where Debian's tzdata puts them.
  static let folder = "/usr/share/zoneinfo"

  /// - Returns: nil where there is no such zone, or its file is not of the format.
  static func table(named identifier: String, in folder: String = folder) -> OffsetTable? {
    guard isName(identifier), let bytes = contents(of: folder + "/" + identifier) else { return nil }
    return parse(bytes)
  }

  /// `Asia/Tehran`, `Etc/GMT+3`: up to three plain words, so that no identifier leaves the folder. The `right` tree
  /// counts leap seconds and is none of ours.
  static func isName(_ identifier: String) -> Bool {
    let words = identifier.split(separator: "/", omittingEmptySubsequences: false)
    return identifier.utf8.count <= 64 && (1...3).contains(words.count) && words[0] != "right" && words[0] != "posix"
      && words.allSatisfy { word in
        word.first?.isLetter == true
          && word.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2B
              || $0 == 0x2D || $0 == 0x5F
          }
      }
  }

  /// The largest zone file has 4 KiB; 64 leaves room.
  private static let largest = 64 << 10

  private static func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "rbe") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: largest)
    let count = fread(&bytes, 1, largest, file)
    return count > 0 && count < largest ? Array(bytes[..<count]) : nil
  }

  private struct Header {
    var transitions: Int
    var types: Int
    /// Of the data after the header, for times of `width` bytes.
    var length: Int

    /// Magic, version, 15 unused bytes, six counts: isUT, isStandard, leaps, transitions, types, characters.
    init?(_ bytes: ArraySlice<UInt8>, width: Int) {
      guard bytes.count >= 44, bytes.starts(with: Array("TZif".utf8)) else { return nil }
      let counts = (0..<6).map { Int(ZoneFile.number(bytes.dropFirst(20 + $0 * 4).prefix(4))) }
      guard counts.allSatisfy({ (0...0xFFFF).contains($0) }) else { return nil }
      transitions = counts[3]
      types = counts[4]
      length = transitions * (width + 1) + types * 6 + counts[5] + counts[2] * (width + 4) + counts[1] + counts[0]
    }
  }

  static func parse(_ bytes: [UInt8]) -> OffsetTable? {
    guard let old = Header(bytes[...], width: 4), bytes[4] >= UInt8(ascii: "2") else { return nil }
    let second = bytes.dropFirst(44 + old.length)
    guard let header = Header(second, width: 8), header.types > 0 else { return nil }
    let data = second.dropFirst(44)
    guard data.count >= header.length else { return nil }
    let starts = (0..<header.transitions).map { number(data.dropFirst($0 * 8).prefix(8)) }
    let kinds = data.dropFirst(header.transitions * 8).prefix(header.transitions)
    let types = data.dropFirst(header.transitions * 9)
    let offsets = (0..<header.types).map { Int32(truncatingIfNeeded: number(types.dropFirst($0 * 6).prefix(4))) }
    guard kinds.allSatisfy({ Int($0) < offsets.count }), offsets.allSatisfy({ (-93_599...93_599).contains($0) }),
      zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    let footer = data.dropFirst(header.length).dropFirst().prefix { $0 != UInt8(ascii: "\n") }
    let rule = PosixZoneRule(String(decoding: footer, as: UTF8.self))
    if rule == nil, !footer.isEmpty { return nil }
    return OffsetTable(starts: starts, offsets: kinds.map { offsets[Int($0)] }, initial: offsets[0], rule: rule)
  }

  /// Big-endian two's complement of 4 or 8 bytes.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
    let bits = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return bytes.count == 4 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
  }
}
