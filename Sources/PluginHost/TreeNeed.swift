/// A selector of a step that only a tree of the page can answer.
///
/// One such selector and the step's pages are read into a tree; without any, the reader may answer from the page's bytes
/// (``DocumentReader/readWithoutTree(_:contentType:)``). Decided when the spec is read.
public struct TreeNeed: Sendable, Hashable {
  /// `steps[0].rows.fields.price`
  public var keyPath: String
  /// As written.
  public var selector: String
  /// `:has()`, `the axis following`.
  public var reason: String

  public init(keyPath: String, selector: String, reason: String) {
    self.keyPath = keyPath
    self.selector = selector
    self.reason = reason
  }
}

extension Step {
  /// Every selector that is run on the step's page, or on rows of it, with the place it is written at. What runs on a
  /// document inside of the page is not among them.
  public var pageSelectors: [(keyPath: String, selectors: SelectorList)] {
    if let document { return [(keyPath + ".document", document.selector)] }
    var all: [(keyPath: String, selectors: SelectorList)] = []
    if let anchor { all.append((keyPath + ".anchor", anchor)) }
    for outcome in outcomes {
      if let selector = outcome.condition.selector { all.append((outcome.keyPath, selector)) }
    }
    all += fields.flatMap(\.pageSelectors) + rows.flatMap(\.pageSelectors)
    if let pages {
      if let until = pages.until { all.append((keyPath + ".pages.until", until)) }
      if case .link(let selectors) = pages.advance { all.append((keyPath + ".pages.next", selectors)) }
    }
    return all
  }

  var neededTrees: [TreeNeed] {
    pageSelectors.flatMap { place in
      place.selectors.alternatives.compactMap { selector in
        selector.needsTree.map { TreeNeed(keyPath: place.keyPath, selector: selector.source, reason: $0) }
      }
    }
  }
}

extension RowsRule {
  fileprivate var pageSelectors: [(keyPath: String, selectors: SelectorList)] {
    let own =
      switch source {
      case .each(let selectors): (keyPath + ".each", selectors)
      case .entries(let selectors): (keyPath + ".entries", selectors)
      }
    return [own] + fields.flatMap(\.pageSelectors) + rows.flatMap(\.pageSelectors)
  }
}

extension FieldRule {
  fileprivate var pageSelectors: [(keyPath: String, selectors: SelectorList)] {
    switch source {
    case .selector(let selectors): [(keyPath, selectors)]
    case .join(let parts): parts.map { (keyPath, $0) }
    }
  }
}
