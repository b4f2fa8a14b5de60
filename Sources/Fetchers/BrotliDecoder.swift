internal import CLibBrotli

/// `br` (RFC 7932).
final class BrotliDecoder: ContentDecoder {
  let name = "br"
  private(set) var isComplete = false
  private let state = BrotliDecoderCreateInstance(nil, nil, nil)

  deinit { state.map { BrotliDecoderDestroyInstance($0) } }

  func decode(
    _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws(ContentDecoding.Problem) -> Void
  ) throws(ContentDecoding.Problem) {
    guard let state else { throw .garbled("no memory for br") }
    guard !isComplete else {
      if bytes.isEmpty { return }
      throw .garbled("bytes stand behind the end of the br data")
    }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: decodedPiece, alignment: 16)
    defer { room.deallocate() }
    var input = bytes.bindMemory(to: UInt8.self).baseAddress
    var left = bytes.count
    while true {
      var output = room.bindMemory(to: UInt8.self).baseAddress
      var free = room.count
      let result = BrotliDecoderDecompressStream(state, &left, &input, &free, &output, nil)
      if free < room.count { try take(UnsafeRawBufferPointer(rebasing: room[..<(room.count - free)])) }
      switch result {
      case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: continue
      case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT: return
      case BROTLI_DECODER_RESULT_SUCCESS:
        isComplete = true
        if left > 0 { throw .garbled("bytes stand behind the end of the br data") }
        return
      default: throw .garbled("the body is not br")
      }
    }
  }
}
