import PluginHost

/// Undoes the content codings of one answer (RFC 9110, 8.4), piece by piece as its bytes come.
///
/// Ours and not libcurl's, which takes a compressed body that was cut for a whole one when the length of what came is as
/// announced (7.88): half a page would be read as one from which half of the items are gone.
struct ContentDecoding: ~Copyable {
  /// More are refused: nobody sends them in earnest, and each multiplies what a few bytes may grow to.
  static let maxCodings = 5
  static let offered = "gzip, deflate, br"

  enum Problem: Error, Equatable {
    case unknown(String)
    case tooMany
    /// Bytes that are not what the coding makes, or bytes behind its end.
    case garbled(String)
    /// The end of the coded data never came.
    case cut(String)
    /// What lies between two codings passed the limit, which it was made with.
    case tooLarge(Int)
    /// The receiver wants no more.
    case stopped
  }

  /// The last coding first, as they are undone.
  private var decoders: [any ContentDecoder] = []
  /// Bytes that each of them has made.
  private var made: [Int]
  private let limit: Int
  private var isBegun = false

  /// Reads the headers of the answer. `identity`, and a header that is empty, are no coding.
  ///
  /// - Parameter limit: Bytes that may lie between two codings. What comes out of the last one is the receiver's to count;
  ///   but a megabyte of nothing but empty gzip members is a thousandth of that on the wire, and comes to nothing.
  init(_ headers: [Request.Header], limit: Int) throws(Problem) {
    self.limit = limit
    made = []
    let names = headers.filter { $0.name.lowercased() == "content-encoding" }
      .flatMap { $0.value.split(separator: ",") }.map { trimmingBlanks(String($0)).lowercased() }
      .filter { !$0.isEmpty && $0 != "identity" }
    guard names.count <= Self.maxCodings else { throw .tooMany }
    for name in names.reversed() {
      switch name {
      case "gzip", "x-gzip": decoders.append(ZlibDecoder(.gzip))
      case "deflate": decoders.append(ZlibDecoder(.deflate))
      case "br": decoders.append(BrotliDecoder())
      // Of the page, as a server may choose it: no more of it than a line takes.
      default: throw .unknown(String(name.prefix(20)))
      }
    }
    made = Array(repeating: 0, count: decoders.count)
  }

  var isPlain: Bool { decoders.isEmpty }

  /// - Parameter take: Gets decoded bytes; false ends it.
  mutating func decode(
    _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Bool
  ) throws(Problem) {
    isBegun = true
    try decode(bytes, at: 0, take)
  }

  private mutating func decode(
    _ bytes: UnsafeRawBufferPointer, at index: Int, _ take: (UnsafeRawBufferPointer) -> Bool
  ) throws(Problem) {
    guard index < decoders.count else {
      guard bytes.isEmpty || take(bytes) else { throw .stopped }
      return
    }
    try decoders[index].decode(bytes) { piece throws(Problem) in
      made[index] += piece.count
      guard index + 1 == decoders.count || made[index] <= limit else { throw .tooLarge(limit) }
      try decode(piece, at: index + 1, take)
    }
  }

  /// Called when all bytes have come. A body of no bytes at all is empty, whatever its headers say.
  func finish() throws(Problem) {
    guard isBegun else { return }
    for decoder in decoders where !decoder.isComplete { throw .cut(decoder.name) }
  }
}

/// One coding on its way.
protocol ContentDecoder: AnyObject {
  /// For messages.
  var name: String { get }
  /// Whether the end of the coded data has come.
  var isComplete: Bool { get }
  func decode(
    _ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws(ContentDecoding.Problem) -> Void
  ) throws(ContentDecoding.Problem)
}

/// Decoded bytes are handed on in pieces of at most so many.
let decodedPiece = 32 << 10
