import Glibc

/// What is asked of all bytes of a page, in one look: some microseconds for a usual page, where the standard library takes
/// ten times that for each question.
struct ByteSurvey: Equatable {
  /// By the table of the Unicode Standard (3-7, "Well-Formed UTF-8 Byte Sequences").
  var isUTF8: Bool
  /// Control characters but for tab and line breaks, U+FFFE and U+FFFF: no characters for libxml2, which drops them in
  /// text and keeps them in attributes. Only right where ``isUTF8`` is.
  var hasOddCharacters: Bool
}

extension ByteSurvey {
  private typealias Block = SIMD16<UInt8>
  private static let size = 16
  /// Bytes before a block that decide about its first ones: a sequence is four at most.
  private static let reach = 3

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    var state = State()
    if let base = bytes.baseAddress { ByteSurvey.look(UnsafeRawPointer(base), bytes.count, &state) }
    self.init(
      isUTF8: !any(state.malformed), hasOddCharacters: any(state.odd))
  }

  private static func look(_ base: UnsafeRawPointer, _ count: Int, _ state: inout State) {
    withWindow(base, from: 0, count: min(count, size)) { state.look($0) }
    var index = size
    while index + 4 * size <= count {
      state.lookAtFour(base + index)
      index += 4 * size
    }
    while index + size <= count {
      state.look(base + index)
      index += size
    }
    // Also where nothing is left: a sequence that the end cuts off is noticed behind it.
    if count >= size { withWindow(base, from: index, count: count - index) { state.look($0) } }
  }

  /// A block that begins or ends beyond the page, with blanks there, which are no part of any sequence.
  private static func withWindow(
    _ base: UnsafeRawPointer, from index: Int, count: Int, _ body: (UnsafeRawPointer) -> Void
  ) {
    withUnsafeTemporaryAllocation(byteCount: reach + size, alignment: 16) { window in
      for offset in 0..<window.count { window[offset] = UInt8(ascii: " ") }
      let before = min(index, reach)
      if let target = window.baseAddress {
        memcpy(target + reach - before, base + index - before, before + count)
        body(UnsafeRawPointer(target + reach))
      }
    }
  }

  /// What was seen so far.
  private struct State {
    typealias Marks = SIMDMask<SIMD16<Int8>>

    var malformed = Marks(repeating: false)
    var odd = Marks(repeating: false)
    /// Whether the block before ended within ASCII.
    var isPlain = true
    /// Whether no sequence of the block before was longer than two bytes: Persian, but for what joins no letters.
    var isNarrow = true

    /// Four blocks with one question each, which most pages answer for all four.
    @inline(__always)
    mutating func lookAtFour(_ base: UnsafeRawPointer) {
      let a = base.loadUnaligned(as: Block.self)
      let b = base.loadUnaligned(fromByteOffset: size, as: Block.self)
      let c = base.loadUnaligned(fromByteOffset: 2 * size, as: Block.self)
      let d = base.loadUnaligned(fromByteOffset: 3 * size, as: Block.self)
      if State.isAny(State.controls(a) .| State.controls(b) .| State.controls(c) .| State.controls(d)) {
        odd = odd .| State.odds(a) .| State.odds(b) .| State.odds(c) .| State.odds(d)
      }
      let most = unsafeBitCast(State.most(State.most(a, b), State.most(c, d)), to: SIMD2<UInt64>.self)
      let (low, high) = (most[0], most[1])
      let wasNarrow = isNarrow
      isNarrow = (low & low << 1 & low << 2 | high & high << 1 & high << 2) & State.tops == 0
      if (low | high) & State.tops == 0, isPlain { return }
      if isNarrow, wasNarrow {
        lookAtPairs(base, a)
        lookAtPairs(base + size, b)
        lookAtPairs(base + 2 * size, c)
        lookAtPairs(base + 3 * size, d)
      } else {
        lookAtSequences(base, a)
        lookAtSequences(base + size, b)
        lookAtSequences(base + 2 * size, c)
        lookAtSequences(base + 3 * size, d)
      }
      isPlain = unsafeBitCast(d, to: SIMD2<UInt64>.self)[1] & State.tops == 0
    }

    /// One instruction; the standard library's `pointwiseMax` is a call.
    @inline(__always)
    private static func most(_ a: Block, _ b: Block) -> Block { a.replacing(with: b, where: a .< b) }

    /// Below the space, but for the line feed, which nearly all pages have.
    @inline(__always)
    private static func controls(_ block: Block) -> Marks {
      (block .< Block(repeating: 0x20)) .& (block .!= Block(repeating: 10))
    }

    /// Tab is 9, line feed 10, carriage return 13.
    @inline(__always)
    private static func odds(_ block: Block) -> Marks {
      controls(block) .& (block .!= Block(repeating: 9)) .& (block .!= Block(repeating: 13))
    }

    @inline(__always)
    private static func isAny(_ marks: Marks) -> Bool {
      // A mark is a byte of ones or of none.
      let words = unsafeBitCast(marks, to: SIMD2<UInt64>.self)
      return words[0] | words[1] != 0
    }

    @inline(__always)
    mutating func look(_ base: UnsafeRawPointer) {
      let block = base.loadUnaligned(as: Block.self)
      odd = odd .| State.odds(block)
      let low = base.loadUnaligned(as: UInt64.self)
      let high = base.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      let wasNarrow = isNarrow
      // Three bits at the top are set in what begins a sequence of three bytes or more.
      isNarrow = (low & low << 1 & low << 2 | high & high << 1 & high << 2) & State.tops == 0
      if (low | high) & State.tops == 0, isPlain { return }
      if isNarrow, wasNarrow { lookAtPairs(base, block) } else { lookAtSequences(base, block) }
      isPlain = high & State.tops == 0
    }

    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// Where no sequence is longer than two bytes.
    @inline(__always)
    private mutating func lookAtPairs(_ base: UnsafeRawPointer, _ block: Block) {
      let first = base.loadUnaligned(fromByteOffset: -1, as: Block.self)
      // 0x80 to 0xBF are, with a sign, the least there are.
      let continues = unsafeBitCast(block, to: SIMD16<Int8>.self) .< SIMD16<Int8>(repeating: -64)
      let mustContinue = first .>= Block(repeating: 0xC0)
      let never = (block & Block(repeating: 0xFE)) .== Block(repeating: 0xC0)
      malformed = malformed .| (continues .^ mustContinue) .| never
    }

    @inline(__always)
    private mutating func lookAtSequences(_ base: UnsafeRawPointer, _ block: Block) {
      let first = base.loadUnaligned(fromByteOffset: -1, as: Block.self)
      let second = base.loadUnaligned(fromByteOffset: -2, as: Block.self)
      let third = base.loadUnaligned(fromByteOffset: -3, as: Block.self)
      let continues = (block & Block(repeating: 0xC0)) .== Block(repeating: 0x80)
      let mustContinue =
        (first .>= Block(repeating: 0xC0)) .| (second .>= Block(repeating: 0xE0)) .| (third .>= Block(repeating: 0xF0))
      let never = (block .>= Block(repeating: 0xF5)) .| ((block & Block(repeating: 0xFE)) .== Block(repeating: 0xC0))
      malformed = malformed .| (continues .^ mustContinue) .| never
      // Too long, beyond the last, or half of a pair: by the second byte. And EF BF BE, EF BF BF.
      let tooLow =
        ((first .== Block(repeating: 0xE0)) .& (block .< Block(repeating: 0xA0)))
        .| ((first .== Block(repeating: 0xF0)) .& (block .< Block(repeating: 0x90)))
      let tooHigh =
        ((first .== Block(repeating: 0xED)) .& (block .>= Block(repeating: 0xA0)))
        .| ((first .== Block(repeating: 0xF4)) .& (block .>= Block(repeating: 0x90)))
      malformed = malformed .| tooLow .| tooHigh
      odd =
        odd
        .| ((second .== Block(repeating: 0xEF)) .& (first .== Block(repeating: 0xBF))
          .& (block .>= Block(repeating: 0xBE)))
    }
  }
}
