internal import CLibZ

/// zlib's format (RFC 1950), for bodies that are kept.
public enum Deflate {
  /// At level 1: a 60 KB page takes about half a millisecond, and a fifth of its size is left.
  public static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(UInt(bytes.count))
    let room = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
      let code = compress2(buffer.baseAddress, &length, bytes, UInt(bytes.count), 1)
      // Only a lack of memory or of room can fail it, and the room is what zlib asks for.
      count = code == Z_OK ? Int(length) : 0
    }
    return room
  }

  /// - Parameter size: Of the original, at most.
  /// - Returns: nil for what is no deflated body of that size.
  public static func expand(_ bytes: [UInt8], size: Int) -> [UInt8]? {
    var length = UInt(size)
    var code = Z_OK
    let body = [UInt8](unsafeUninitializedCapacity: max(size, 1)) { buffer, count in
      code = uncompress(buffer.baseAddress, &length, bytes, UInt(bytes.count))
      count = code == Z_OK ? Int(length) : 0
    }
    return code == Z_OK ? body : nil
  }
}
