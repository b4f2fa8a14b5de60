internal import CLibZ

/// `gzip` (RFC 1952), also of several members, and `deflate`, with the zlib header that RFC 9110 asks for or without.
final class ZlibDecoder: ContentDecoder {
  enum Form { case gzip, deflate }

  let name: String
  private(set) var isComplete = false
  private let form: Form
  private var stream: UnsafeMutablePointer<z_stream>?
  /// Bytes that came before the form was known: at most one.
  private var early: [UInt8] = []

  init(_ form: Form) {
    self.form = form
    name = form == .gzip ? "gzip" : "deflate"
  }

  deinit { stream.map { z_end($0) } }

  func decode(
    _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws(ContentDecoding.Problem) -> Void
  ) throws(ContentDecoding.Problem) {
    if stream != nil { return try inflate(bytes, take) }
    early += bytes
    guard early.count >= 2 else { return }
    stream = z_start(windowBits)
    guard stream != nil else { throw .garbled("no memory for \(name)") }
    let first = early
    early = []
    // Copied to be re-bound: a typed throw does not pass through withUnsafeBytes.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: first.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: first)
    try inflate(UnsafeRawBufferPointer(copy), take)
  }

  /// 15 is the largest window; 16 more ask for gzip, less than 0 for no header.
  private var windowBits: Int32 {
    if form == .gzip { return 15 + 16 }
    // RFC 1950: method 8, and the two bytes are a multiple of 31.
    let isZlib = early[0] & 0x0F == 8 && (Int(early[0]) << 8 | Int(early[1])) % 31 == 0
    return isZlib ? 15 : -15
  }

  private func inflate(
    _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws(ContentDecoding.Problem) -> Void
  ) throws(ContentDecoding.Problem) {
    guard let stream else { return }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: decodedPiece, alignment: 16)
    defer { room.deallocate() }
    // zlib reads from where it points and never writes there.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(bytes.count)
    defer { stream.pointee.next_in = nil }
    while true {
      if isComplete { guard try beginsAnother(stream) else { return } }
      stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(room.count)
      let code = CLibZ.inflate(stream, Z_NO_FLUSH)
      let made = room.count - Int(stream.pointee.avail_out)
      guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
        throw .garbled("the body is not \(name)")
      }
      if made > 0 { try take(UnsafeRawBufferPointer(rebasing: room[..<made])) }
      if code == Z_STREAM_END {
        isComplete = true
      } else if stream.pointee.avail_in == 0, made < room.count {
        return
      } else if code == Z_BUF_ERROR {
        return
      }
    }
  }

  /// Behind the end of a gzip member another may stand; anything else is not for us.
  private func beginsAnother(_ stream: UnsafeMutablePointer<z_stream>) throws(ContentDecoding.Problem) -> Bool {
    guard stream.pointee.avail_in > 0 else { return false }
    guard form == .gzip, stream.pointee.next_in?.pointee == 0x1F, inflateReset(stream) == Z_OK else {
      throw .garbled("bytes stand behind the end of the \(name) data")
    }
    isComplete = false
    return true
  }
}
