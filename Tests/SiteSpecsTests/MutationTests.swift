import Diagnostics
import TestSupport
import Testing

@testable import SiteSpecs

/// Files cut, garbled and shuffled at random places (always the same ones): no crash, and every diagnostic points into
/// the file.
struct MutationTests {
  static let bits: [[UInt8]] =
    [
      "{", "}", "[", "]", ":", ": ", "- ", "\n", "\t", "'", "\"", "#", "&a ", "*a", "|", ">", "!", "%", "@", "\u{200C}",
      "\r",
      "${", "{{", "null", "~", "$", "//", "\u{FEFF}", "\u{2028}", "..", "-", "? ", "\u{0}",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3]]

  static func mutated(_ bytes: [UInt8], _ chance: inout SplitMix) -> [UInt8] {
    var bytes = bytes
    for _ in 0...chance.next(below: 3) {
      let place = chance.next(below: bytes.count)
      switch chance.next(below: 5) {
      case 0: bytes = Array(bytes.prefix(place))
      case 1: bytes.insert(contentsOf: bits[chance.next(below: bits.count)], at: place)
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + chance.next(below: 20)))
      case 3:
        let end = min(bytes.count, place + 1 + chance.next(below: 60))
        bytes.insert(contentsOf: bytes[place..<end], at: chance.next(below: bytes.count))
      default: if place < bytes.count { bytes[place] = UInt8(chance.next(below: 256)) }
      }
    }
    return bytes
  }

  private func expectInside(_ diagnostics: [Diagnostic], file: String, bytes: [UInt8]) {
    let source = YAMLSource(file: file, bytes: bytes)
    for diagnostic in diagnostics where diagnostic.location.file == file {
      let line = source.text(ofLine: diagnostic.location.line)
      #expect(line != nil)
      #expect(diagnostic.location.column >= 1)
      #expect(diagnostic.location.column <= (line ?? "").unicodeScalars.count + 2)
      #expect(!diagnostic.rendered().isEmpty)
    }
  }

  @Test(arguments: 0..<5)
  func `a mutated site spec or notifier is never a crash`(seed: Int) {
    var chance = SplitMix(seed: UInt64(seed))
    let reader = SpecReader(catalog: catalog)
    for _ in 0..<50 {
      let site = Self.mutated(Array(Examples.site.utf8), &chance)
      expectInside(
        reader.readSite(file: "sites/paziresh24.yaml", bytes: site).diagnostics, file: "sites/paziresh24.yaml",
        bytes: site)
      let sms = Self.mutated(Array(Examples.sms.utf8), &chance)
      expectInside(reader.readNotifier(file: "smsir.yaml", bytes: sms).diagnostics, file: "smsir.yaml", bytes: sms)
    }
  }

  @Test(arguments: 0..<4)
  func `a mutated configuration is never a crash`(seed: Int) {
    var chance = SplitMix(seed: UInt64(seed + 1000))
    for _ in 0..<30 {
      let text = String(decoding: Self.mutated(Array(Examples.configuration.utf8), &chance), as: UTF8.self)
      var files = Examples.files
      files["slothunter.yaml"] = text
      let result = loader(files).load("slothunter.yaml")
      expectInside(result.diagnostics, file: "slothunter.yaml", bytes: Array(text.utf8))
      // Nothing is taken silently: without a configuration there is an error.
      if result.configuration == nil { #expect(result.diagnostics.contains { $0.severity == .error }) }
    }
  }

  @Test func `a spec cut at any line is never a crash`() {
    let lines = Examples.site.split(separator: "\n", omittingEmptySubsequences: false)
    for count in lines.indices {
      let text = lines.prefix(count).joined(separator: "\n")
      let (spec, diagnostics) = SpecReader(catalog: catalog).readSite(file: "sites/paziresh24.yaml", text: text)
      if spec == nil { #expect(diagnostics.contains { $0.severity == .error }) }
      expectInside(diagnostics, file: "sites/paziresh24.yaml", bytes: Array(text.utf8))
    }
  }
}
