import Language
import Notifying
import TestSupport

@testable import Storage

/// Something unique that must be nowhere but where it is declared: a secret, a phone number, a chat's id, a name.
struct Taint: Sendable {
  enum Kind: Sendable {
    case secret
    /// Someone's address: may stand where the store keeps recipients, and nowhere else.
    case recipient
    /// Text of a page that no field reads: may stand where the store keeps pages.
    case page
  }

  var name: String
  var value: String
  var kind: Kind

  init(_ name: String, _ value: String, _ kind: Kind) {
    self.name = name
    self.value = value
    self.kind = kind
  }

  /// Every form in which it could be shown and still be read: as it is, escaped, percent-encoded, in base64 wherever it
  /// stands in the encoded text, a number also without its zeros and in Persian and Arabic digits.
  ///
  /// Written here anew, and not taken from the code under test.
  var forms: [String] {
    var texts = [value]
    let digits = value.unicodeScalars.allSatisfy { (0x30...0x39).contains($0.value) || $0 == "-" }
    if digits {
      let bare = String(value.drop { $0 == "0" || $0 == "-" })
      texts.append(bare)
      for zero in [0x06F0, 0x0660] as [UInt32] {
        for text in [value, bare] { texts.append(Taint.inDigits(from: zero, text)) }
      }
    }
    var forms: Set<String> = []
    for text in texts {
      forms.insert(text)
      forms.insert(text.replacing("/", with: "\\/"))
      forms.insert(percentEncoded(text))
      forms.insert(percentEncoded(text).lowercased())
      forms.insert(text.utf8.map { "%" + Taint.hex($0) }.joined())
      forms.formUnion(Taint.base64Forms(Array(text.utf8)))
    }
    return forms.sorted()
  }

  /// - Returns: The form that was found.
  func found(in text: String) -> String? { forms.first { text.contains($0) } }

  static func inDigits(from zero: UInt32, _ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          (0x30...0x39).contains(scalar.value) ? Unicode.Scalar(zero + scalar.value - 0x30) ?? scalar : scalar
        }))
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = Array("0123456789ABCDEF")
    return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      var digits: [Character] = []
      for _ in 0..<4 {
        digits.insert(alphabet[bits & 63], at: 0)
        bits >>= 6
      }
      text += String(digits.prefix(group.count + 1)) + String(repeating: "=", count: 3 - group.count)
    }
    return text
  }

  /// The digits that the bytes alone decide, for each of the three places they can have in a group.
  private static func base64Forms(_ bytes: [UInt8]) -> Set<String> {
    Set(
      (0..<3).flatMap { offset -> [String] in
        let whole = (offset + bytes.count) * 8 / 6
        let first = [0, 2, 3][offset]
        let form = String(base64([UInt8](repeating: 0, count: offset) + bytes).prefix(whole).dropFirst(first))
        return [form, form.replacing("+", with: "-").replacing("/", with: "_")]
      })
  }
}

/// Where a taint was found that must not be there.
struct TaintHit: CustomStringConvertible {
  var taint: String
  var place: String
  var form: String
  var context: String
  var description: String { "\(taint) in \(place) as \(form): \(context)" }
}

/// Looks through everything that a service and its commands gave away.
struct TaintScan {
  /// Columns that hold an address because that is what they are for. `watches.notify`: subscriptions added by command.
  static let recipientColumns: Set<String> = [
    "deliveries.recipient", "deliveries.subscription", "recipients.address", "recipients.moved_to",
    "sequences.recipient", "subscriptions_greeted.subscription", "subscription_holds.recipient", "watches.notify",
  ]
  /// Columns that hold copies of pages, for conditional requests.
  static let pageColumns: Set<String> = ["pages.body"]

  var taints: [Taint]
  private(set) var hits: [TaintHit] = []
  private(set) var scanned = 0

  init(_ taints: [Taint]) { self.taints = taints }

  mutating func look(_ place: String, _ text: String) { look(place, text, except: []) }

  private mutating func look(_ place: String, _ text: String, except kinds: Set<Taint.Kind>) {
    scanned += text.utf8.count
    for taint in taints where !kinds.contains(taint.kind) {
      guard let form = taint.found(in: text), let range = text.ranges(of: form).first else { continue }
      let context = text[..<range.lowerBound].suffix(80) + text[range].prefix(60)
      hits.append(TaintHit(taint: taint.name, place: place, form: form, context: String(context)))
    }
  }

  /// Every text and blob of every table, but recipients and pages where they are declared; and the raw files for
  /// secrets, freed pages too.
  mutating func lookThroughStore(at path: String) async throws {
    let store = try Store(path: path, mode: .readOnly)
    for cell in try await store.everyText() {
      var allowed: Set<Taint.Kind> = []
      if TaintScan.recipientColumns.contains(cell.column) { allowed.insert(.recipient) }
      if TaintScan.pageColumns.contains(cell.column) { allowed.insert(.page) }
      look("store \(cell.column)", cell.text, except: allowed)
    }
    for suffix in ["", "-wal", ".lock"] {
      guard let raw = try? TestSupport.text(of: path + suffix) else { continue }
      look("file store\(suffix)", raw, except: [.recipient, .page])
    }
  }
}

extension Store {
  /// Each text or blob of each table, with `table.column`.
  func everyText() throws -> [(column: String, text: String)] {
    var all: [(column: String, text: String)] = []
    let columns = try db.rows(
      """
      SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
      WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
      """
    ) { ($0.text(0), $0.text(1)) }
    for (table, column) in columns {
      all += try db.rows(
        "SELECT DISTINCT CAST(\"\(column)\" AS TEXT) FROM \"\(table)\" WHERE \"\(column)\" IS NOT NULL"
      ) {
        (column: "\(table).\(column)", text: $0.text(0))
      }
    }
    return all
  }
}
