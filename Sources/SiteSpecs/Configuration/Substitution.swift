import Diagnostics
import PluginHost

/// Puts in what `${NAME}` and `${file:/path}` stand for.
///
/// Done after the file is parsed, so a value can never become YAML and places stay true.
struct Substitution: Sendable {
  var environment: [String: String]
  var files: SpecFiles
  /// Takes `${…}` that can't be resolved for its own text: `check --no-secrets`, and channels that are off.
  var isLenient: Bool

  /// A secret longer than this is a wrong path.
  static let longestFile = 64 << 10

  struct Result {
    var text: String
    /// Whether anything was put in: then the text is shown to nobody.
    var isSecret: Bool
  }

  struct Mistake: Error {
    var message: String
    /// In scalars.
    var offset: Int
    var help: String?
  }

  func resolve(_ text: String) throws(Mistake) -> Result {
    guard text.contains("${") else { return Result(text: text, isSecret: false) }
    let scalars = Array(text.unicodeScalars)
    var output = String.UnicodeScalarView()
    var isSecret = false
    var index = 0
    while index < scalars.count {
      guard scalars[index] == "$", index + 1 < scalars.count, scalars[index + 1] == "{" else {
        output.append(scalars[index])
        index += 1
        continue
      }
      guard let end = scalars[index...].firstIndex(of: "}") else {
        throw Mistake(message: "this '${' is never closed", offset: index, help: "write ${NAME} or ${file:/path}")
      }
      let name = String(String.UnicodeScalarView(scalars[(index + 2)..<end]))
      do { output.append(contentsOf: try value(of: name, at: index).unicodeScalars) } catch {
        guard isLenient else { throw error }
        output.append(contentsOf: scalars[index...end])
      }
      isSecret = true
      index = end + 1
    }
    return Result(text: String(output), isSecret: isSecret)
  }

  private func value(of name: String, at offset: Int) throws(Mistake) -> String {
    if name.hasPrefix("file:") { return try contents(of: String(name.dropFirst(5)), at: offset) }
    let isVariable =
      !name.isEmpty && name.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
      && name.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || $0 == "_" || $0.properties.numericType != nil)
      }
    guard isVariable else {
      throw Mistake(
        message: "\(quoted("${\(name)}")) is not the name of an environment variable", offset: offset,
        help: "write ${NAME} or ${file:/path}")
    }
    guard let value = environment[name] else {
      let near = didYouMean(name, among: environment.keys.sorted()).map { "did you mean \($0)? else " } ?? ""
      throw Mistake(
        message: "environment variable \(name) is not set", offset: offset,
        help: "\(near)export it, or run `slothunter check --no-secrets` to check everything else")
    }
    guard !value.isEmpty else {
      throw Mistake(
        message: "environment variable \(name) is set to nothing", offset: offset, help: "set it, or remove the option")
    }
    return value
  }

  private func contents(of path: String, at offset: Int) throws(Mistake) -> String {
    let help = "or run `slothunter check --no-secrets` to check everything else"
    guard path.hasPrefix("/") else {
      throw Mistake(message: "the path in ${file:…} begins with '/'", offset: offset, help: "write ${file:/…}")
    }
    switch files.read(path, Self.longestFile + 1) {
    case .failure(let problem):
      throw Mistake(message: "can't read \(quoted(path)): \(problem.reason)", offset: offset, help: help)
    case .success(let bytes):
      guard bytes.count <= Self.longestFile, let text = String(validating: bytes, as: UTF8.self) else {
        throw Mistake(message: "\(quoted(path)) is not a text of at most 64 KiB", offset: offset, help: help)
      }
      // Editors and `echo` end a file with a line break that is no part of the secret.
      let value = String(text.reversed().drop { $0.isNewline }.reversed())
      guard !value.isEmpty else { throw Mistake(message: "\(quoted(path)) is empty", offset: offset, help: help) }
      return value
    }
  }
}

extension Reading where Value == Substitution.Result {
  /// Text in which `${…}` is resolved.
  static let resolved = Reading(.text) { entry, context in
    guard let text = Reading<String>.text(entry, context) else { return nil }
    do throws(Substitution.Mistake) {
      return try context.substitution?.resolve(text) ?? Substitution.Result(text: text, isSecret: false)
    } catch {
      context.error(.unresolvedVariable, error.message, at: entry, offset: error.offset, help: error.help)
      return nil
    }
  }
}
