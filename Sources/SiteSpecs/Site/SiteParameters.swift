import Diagnostics
import Language
import PluginHost

extension SpecContext {
  /// Makes visible what a watch supplies: the names in `links`, then any other name in the first step's URL or query
  /// that nothing defines.
  ///
  /// Done before anything is read, as `request:` may use them. A name close to one of `links` is a slip of the pen, not
  /// another parameter.
  func defineParameters(_ root: Entry) -> [String] {
    var parameters: [String] = []
    let links = root.members?.first { $0.name == "links" }?.elements ?? []
    for link in links {
      guard let text = link.node.scalar?.text, let pattern = try? LinkPattern(text) else { continue }
      for name in pattern.parameters where names[name] == nil {
        parameters.append(name)
        names.set(name, .text, .parameter, at: location(of: link))
      }
    }
    let ofLinks = parameters
    for (name, entry) in namesInFirstURL(root) where names[name] == nil {
      guard didYouMean(name, among: ofLinks) == nil, isNameWellFormed(name), !reservedWords.contains(name) else {
        continue
      }
      parameters.append(name)
      names.set(name, .text, .parameter, at: location(of: entry))
    }
    warnOfLinks(links, without: parameters.dropFirst(ofLinks.count))
    return parameters
  }

  /// A name that no link gives leaves every watch made from a link without it.
  private func warnOfLinks(_ links: [Entry], without missing: ArraySlice<String>) {
    guard let link = links.first, !missing.isEmpty else { return }
    let names = missing.map { "{\($0)}" }.joined(separator: ", ")
    warning(
      .linkWithoutName, "no link gives \(names), which the first request asks for", at: link,
      help: "put it into the link, or give it as a parameter of each watch")
  }

  private func namesInFirstURL(_ root: Entry) -> [(String, Entry)] {
    let steps = root.members?.first { $0.name == "steps" }?.elements
    guard let first = steps?.first?.members else { return [] }
    let pages = first.first { $0.name == "pages" }?.members?.map(\.name) ?? []
    let methods = Request.Method.allCases.map { $0.rawValue.lowercased() }
    let urls = first.filter { methods.contains($0.name) }
    let queries = first.first { $0.name == "query" }?.members?.flatMap { $0.elements ?? [$0] } ?? []
    return (urls + queries).flatMap { entry -> [(String, Entry)] in
      guard let text = entry.node.scalar?.text, let template = try? Template(text) else { return [] }
      return template.references.map(\.name).filter { $0 != "now" && !pages.contains($0) }.map { ($0, entry) }
    }
  }
}
