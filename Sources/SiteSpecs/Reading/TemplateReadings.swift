import Diagnostics
import Language
import PluginHost

extension Reading where Value == Template {
  /// A template over the names visible where it stands. Any scalar will do; a number is its text.
  static let template = Reading(.template) { entry, context in
    guard let scalar = entry.node.scalar, !entry.node.isNull else {
      return context.mismatch(Shape.template.text, entry)
    }
    do throws(SyntaxError) {
      let template = try Template(scalar.text)
      context.check(template, at: entry)
      return template
    } catch {
      context.report(error, .badTemplate, at: entry)
      return nil
    }
  }
}

extension Reading where Value == Expression {
  static let expression = Reading(.expression) { entry, context in
    guard let scalar = entry.node.scalar, !entry.node.isNull else {
      return context.mismatch(Shape.expression.text, entry)
    }
    do throws(SyntaxError) {
      let expression = try Expression(scalar.text, names: context.names.types)
      context.used.formUnion(expression.names)
      context.refuseUntyped(expression, at: entry)
      if expression.type == .boolean || expression.type == .unknown { return expression }
      context.error(
        .badExpression, "\(quoted(entry.name)) is a condition, this gives \(expression.type.rawValue)", at: entry,
        help: "compare it: \(scalar.text) == …")
      return nil
    } catch {
      context.report(error, .badExpression, at: entry)
      return nil
    }
  }
}

extension SpecContext {
  /// Whether every name a template asks for is visible here; each that is not is reported at its place.
  @discardableResult
  func check(_ template: Template, at entry: Entry) -> Bool {
    used.formUnion(template.references.map(\.name))
    let unknown = template.references.filter { $0.name != "now" && names[$0.name] == nil }
    for reference in unknown {
      let later = laterNames[reference.name].map { "'\(reference.name)' is read later, in the step '\($0)'; " } ?? ""
      error(
        .unknownName, "no name \(quoted(reference.name)) is visible here", at: entry, offset: reference.offset,
        help: later + suggestion(for: reference.name, among: names.order + ["now"], calling: "names here"))
    }
    lintBraces(template, at: entry)
    return unknown.isEmpty
  }
}

extension Reading where Value == [String: Template] {
  /// A template for every language, or one per language.
  static let localized = Reading(
    .either([.template, .map(names: "fa, en", .template, KeyNames(among: languages, atLeast: 1))])
  ) { entry, context in
    guard let members = entry.members else { return Reading<Template>.template(entry, context).map { ["fa": $0] } }
    if let name = context.unquotedTemplate(entry.node) {
      return context.mismatch("a text for fa, en or both", entry, help: "quote it: \"{\(name)}\"")
    }
    if members.isEmpty { return context.mismatch("a text for fa, en or both", entry, help: "{ fa: '…', en: '…' }") }
    var templates: [String: Template] = [:]
    for member in members {
      guard languages.contains(member.name) else {
        context.error(
          .unknownWord, "unknown language \(quoted(member.name))", at: member.atKey,
          help: suggestion(for: member.name, among: languages))
        continue
      }
      if let template = Reading<Template>.template(member, context) { templates[member.name] = template }
    }
    return templates
  }
}

/// What words, digits and dates are printed in; Persian first.
let languages = ["fa", "en"]

extension Reading where Value == JSONTemplate {
  /// JSON written as YAML, its texts templates.
  static let json = Reading(.json) { entry, context in jsonTemplate(entry, context) }

  private static func jsonTemplate(_ entry: Entry, _ context: SpecContext) -> JSONTemplate? {
    switch entry.node.content {
    case .sequence: return (entry.elements ?? []).compactMap { jsonTemplate($0, context) }.asArray
    case .mapping:
      if let name = context.unquotedTemplate(entry.node), context.names[name] != nil {
        return context.mismatch("a template such as '{name}'", entry)
      }
      let members = (entry.members ?? []).compactMap { member in
        jsonTemplate(member, context).map { JSONTemplate.Member(member.name, $0) }
      }
      return .object(members)
    case .scalar(let scalar):
      switch scalar.resolved(tag: entry.node.tag) {
      case .null: return .literal(.null)
      case .boolean(let value): return .literal(.bool(value))
      case .integer(let value): return .literal(.integer(value))
      case .decimal(let value, let lexeme) where value.isFinite && isJSONNumber(lexeme):
        return .literal(.number(value, lexeme: lexeme))
      case .decimal, .text: return text(entry, context)
      }
    }
  }

  private static func text(_ entry: Entry, _ context: SpecContext) -> JSONTemplate? {
    guard let template = Reading<Template>.template(entry, context) else { return nil }
    return template.isLiteral ? .literal(.string(template.literalPrefix)) : .text(template)
  }

  /// YAML also allows `+1.5`, `.5`, `1.` and `007.5`, which are no JSON.
  private static func isJSONNumber(_ lexeme: String) -> Bool {
    let digits = lexeme.drop { $0 == "-" }
    guard let first = digits.first, first.isNumber,
      !digits.contains("+") || digits.contains("e") || digits.contains("E")
    else { return false }
    if digits.hasPrefix("0"), digits.dropFirst().first?.isNumber == true { return false }
    guard let point = digits.firstIndex(of: ".") else { return true }
    return digits[digits.index(after: point)...].first?.isNumber == true
  }
}

extension Array where Element == JSONTemplate {
  fileprivate var asArray: JSONTemplate { .array(self) }
}
