/// A value that a query selected, and where it stands.
public struct JSONPathNode: Sendable, Hashable {
  public var location: JSONLocation
  public var value: JSON

  public init(location: JSONLocation, value: JSON) {
    self.location = location
    self.value = value
  }
}

/// A place in a JSON value, as the steps from its root. Printed as a normalized path of RFC 9535: `$['a'][0]`.
public struct JSONLocation: Sendable, Hashable, CustomStringConvertible {
  public enum Step: Sendable, Hashable {
    case name(String)
    case index(Int)
  }

  public var steps: [Step]

  public init(_ steps: [Step]) { self.steps = steps }

  init(_ place: JSONPathPlace?) {
    var steps: [Step] = []
    var place = place
    while let here = place {
      steps.append(here.step)
      place = here.parent
    }
    self.steps = steps.reversed()
  }

  public var description: String {
    steps.reduce(into: "$") { path, step in
      switch step {
      case .name(let name): path += "['\(escaped(name))']"
      case .index(let index): path += "[\(index)]"
      }
    }
  }

  private func escaped(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "'": text += "\\'"
      case "\\": text += "\\\\"
      case "\u{08}": text += "\\b"
      case "\t": text += "\\t"
      case "\n": text += "\\n"
      case "\u{0C}": text += "\\f"
      case "\r": text += "\\r"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

/// A place as a link to the place above it, so that nodes share their beginnings while a query runs.
final class JSONPathPlace: Sendable {
  let parent: JSONPathPlace?
  let step: JSONLocation.Step

  init(_ parent: JSONPathPlace?, _ step: JSONLocation.Step) {
    self.parent = parent
    self.step = step
  }
}
