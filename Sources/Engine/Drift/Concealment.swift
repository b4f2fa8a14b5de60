import Language
import PluginHost
import Synchronization

/// Takes the configuration's secrets out of what is kept, as the log does out of what it prints.
public final class Concealment: Sendable {
  private let secrets = Mutex<[String]>([])

  public init() {}

  /// Also as they stand in URLs and in JSON.
  public func conceal(_ secrets: [Secret]) {
    let texts = secrets.map { $0.reveal() }.filter { $0.utf8.count >= 4 }
    let all =
      texts + texts.map { percentEncoded($0) } + texts.map { String(JSON.string($0).text.dropFirst().dropLast()) }
    self.secrets.withLock { $0 = Array(Set($0 + all)).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) } }
  }

  public func concealing(_ text: String) -> String {
    secrets.withLock { $0 }.reduce(text) { $0.replacing($1, with: Mask.mark) }
  }

  func concealing(_ bytes: [UInt8]) -> [UInt8] {
    secrets.withLock { $0 }.reduce(bytes) { ByteText.replacing(Array($1.utf8), with: Array(Mask.mark.utf8), in: $0) }
  }
}

/// Plain search in bytes that may be no text.
public enum ByteText {
  public static func contains(_ needle: [UInt8], in hay: [UInt8]) -> Bool { next(needle, in: hay, from: 0) != nil }

  public static func replacing(_ needle: [UInt8], with other: [UInt8], in hay: [UInt8]) -> [UInt8] {
    guard var at = next(needle, in: hay, from: 0) else { return hay }
    var (result, copied) = ([UInt8](), 0)
    result.reserveCapacity(hay.count)
    while true {
      result += hay[copied..<at]
      result += other
      copied = at + needle.count
      guard let following = next(needle, in: hay, from: copied) else { break }
      at = following
    }
    return result + hay[copied...]
  }

  private static func next(_ needle: [UInt8], in hay: [UInt8], from start: Int) -> Int? {
    guard let first = needle.first, hay.count - start >= needle.count else { return nil }
    return hay.withUnsafeBufferPointer { hay in
      var at = start
      let last = hay.count - needle.count
      while at <= last {
        if hay[at] == first, hay[at..<at + needle.count].elementsEqual(needle) { return at }
        at += 1
      }
      return nil
    }
  }
}
