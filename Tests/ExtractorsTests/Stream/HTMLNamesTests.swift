import PluginHost
import Testing

@testable import Extractors

/// What the matcher takes for libxml2's rules is asked of libxml2's behaviour, on this machine.
struct HTMLNamesTests {
  private let names = HTMLNames.shared

  @Test func `the rules were verified for the libxml2 that is loaded`() { #expect(names.isVerified) }

  @Test func `every start tag ends what it ends in libxml2, for all pairs of names`() throws {
    // Within these, libxml2 reads no tags or makes up others around them.
    let special: Set = [
      "html", "head", "body", "script", "style", "frameset", "frame", "noframes", "title", "textarea",
    ]
    let known = HTMLNames.names.filter { !special.contains($0) } + ["section", "custom-list"]
    for open in known where !isEmpty(open) {
      for new in known {
        let page = "<html><body><div id=top><\(open) id=open><\(new) id=new>"
        let tree = try html(page)
        let found = try xpath("//*[@id='new']", tree).first?.tree
        let parent = try #require(found?.path).split(separator: "/").dropLast().last.map(String.init)
        let isEnded = parent != open && !(parent ?? "").hasPrefix(open + "[")
        let rule = names.closes[Int(names.id(of: NameKey(new)))].contains(names.id(of: NameKey(open)))
        #expect(rule == isEnded, "<\(new)> in <\(open)>")
      }
    }
  }

  @Test func `every name is empty for the matcher where it is for libxml2`() throws {
    for name in HTMLNames.names where !["html", "head", "body", "script", "style"].contains(name) {
      let page = "<html><body><\(name)>a"
      #expect(
        StreamAudit.audit(Array(page.utf8)) == .same || ["frameset", "title", "textarea"].contains(name), "\(name)")
    }
  }

  @Test func `an end tag ends what it ends in libxml2, for all pairs of names`() throws {
    let known = HTMLNames.names.filter { !["script", "style", "title", "textarea", "frameset"].contains($0) }
    for outer in known {
      for inner in known {
        let page = "<html><body><\(outer)><\(inner)>a</\(outer)>b</\(inner)>c"
        switch StreamAudit.audit(Array(page.utf8)) {
        case .same, .doubted: break
        default: Issue.record("\(page): \(StreamAudit.audit(Array(page.utf8)))")
        }
      }
    }
  }

  private func isEmpty(_ name: String) -> Bool { names.isEmpty.contains(names.id(of: NameKey(name))) }
}
