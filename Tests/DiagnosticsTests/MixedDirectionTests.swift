import TestSupport
import Testing

@testable import Diagnostics

/// The caret under lines that hold Persian, on a terminal that keeps the file's order and on one that turns runs round.
struct MixedDirectionTests {
  /// As a terminal lays a line out: a scalar for every cell. Marks and isolates take none.
  ///
  /// Turning round is what UAX #9 gives for lines as the renderer prints them: all strong right-to-left letters stand in
  /// isolates, everything outside keeps the paragraph's direction, which is left to right, and an isolate whose first
  /// strong letter is right-to-left shows its letters reversed.
  private func cells(_ text: String, turnsRound: Bool) -> [Unicode.Scalar] {
    var cells: [Unicode.Scalar] = []
    var run: [Unicode.Scalar]?
    for scalar in text.unicodeScalars {
      if scalar == RightToLeftRun.opening {
        run = []
      } else if scalar == RightToLeftRun.closing {
        cells += turnsRound ? (run ?? []).reversed() : run ?? []
        run = nil
      } else if Excerpt.cells(scalar) > 0 {
        if run == nil { cells.append(scalar) } else { run?.append(scalar) }
      }
    }
    return cells + (run ?? [])
  }

  /// Every scalar at most once, so that a cell says which it is.
  private func line(_ dice: inout SplitMix) -> [Unicode.Scalar] {
    var latin = Array("abcdefghijklmnopqrstuvwxyz0123456789{}[]:,'\"|#=<>".unicodeScalars)
    var persian = Array("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی".unicodeScalars)
    latin.shuffle(using: &dice)
    persian.shuffle(using: &dice)
    var line: [Unicode.Scalar] = []
    while !latin.isEmpty, !persian.isEmpty, line.count < 60 {
      let count = 1 + dice.next(below: 5)
      if dice.next(below: 2) == 0 {
        line += latin.suffix(count)
        latin.removeLast(min(count, latin.count))
      } else {
        line += persian.suffix(count)
        persian.removeLast(min(count, persian.count))
      }
    }
    return line
  }

  @Test(arguments: 1...200)
  func `the caret stands under its letter, or under the whole run of Persian that holds it`(seed: Int) {
    var dice = SplitMix(seed: UInt64(seed))
    let line = line(&dice)
    let text = String(String.UnicodeScalarView(line))
    for column in 1...line.count {
      let excerpt = Excerpt(line: text, column: column, width: 110)
      let wanted = line[column - 1]
      for turnsRound in [false, true] {
        // Without isolates nothing before the caret turns round, whatever stands behind it.
        let isPlain = !excerpt.text.unicodeScalars.contains(RightToLeftRun.opening)
        let cells = cells(excerpt.text, turnsRound: turnsRound && !isPlain)
        let marked = cells[excerpt.indent..<(excerpt.indent + excerpt.caret.count)]
        #expect(marked.contains(wanted), "seed \(seed), column \(column), \(excerpt)")
        if !RightToLeftRun.isRightToLeft(wanted) {
          #expect(Array(marked) == [wanted], "seed \(seed), column \(column)")
        } else {
          #expect(marked.allSatisfy(RightToLeftRun.isRightToLeft), "seed \(seed), column \(column)")
        }
      }
    }
  }

  @Test func `a line whose Persian stands behind the caret is printed as it is`() {
    let excerpt = Excerpt(line: "titel: فروشگاه", column: 1, width: 110)
    #expect(excerpt.text == "titel: فروشگاه")
    #expect(excerpt.indent == 0 && excerpt.caret == "^")
  }

  @Test func `what stands behind Persian is marked at its own cell`() {
    let line = "  fa: \"نوبت خالی: {docter}\""
    let excerpt = Excerpt(line: line, column: 20, width: 110)
    #expect(Array(line.unicodeScalars)[19] == "d")
    #expect(excerpt.text == "  fa: \"\u{2068}نوبت خالی\u{2069}: {docter}\"")
    #expect(excerpt.indent == 19 && excerpt.caret == "^")
  }

  @Test func `joiners and marks belong to their run and take no cell`() {
    let line = "نمی‌خواهم: x"
    let excerpt = Excerpt(line: line, column: 2, width: 110)
    #expect(excerpt.caret == "^^^^^^^^" && excerpt.indent == 0)
    #expect(excerpt.text == "\u{2068}نمی‌خواهم\u{2069}: x")
  }

  @Test func `a rendered diagnostic isolates nothing but runs, and closes every isolate on its line`() {
    let diagnostic = Diagnostic(
      .error, .unknownName, at: SpecLocation(file: "a.yaml", line: 7, column: 19), keyPath: "alert.title.fa", "x",
      excerpt: "  fa: \"نوبت خالی: {docter} برای {مطب}\"")
    for line in diagnostic.rendered().split(separator: "\n") {
      let scalars = line.unicodeScalars
      #expect(scalars.count { $0 == RightToLeftRun.opening } == scalars.count { $0 == RightToLeftRun.closing })
    }
    #expect(diagnostic.rendered().contains("x [unknown-name]"))
  }
}
