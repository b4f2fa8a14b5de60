import Language
import PluginHost

extension NotifierSpec.Transport {
  /// Every name its templates ask for.
  var references: Set<String> {
    switch self {
    case .print(let template): Set(template.references.map(\.name))
    case .http(let request):
      Set(request.templates.flatMap { $0.references.map(\.name) })
    }
  }

  var timeout: Duration? {
    switch self {
    case .print: nil
    case .http(let request): request.timeout
    }
  }
}

extension RequestTemplate {
  fileprivate var templates: [Template] {
    let inBody: [Template] =
      switch body {
      case .none: []
      case .form(let members): members.map(\.value)
      case .json(let json): json.templates
      case .raw(let text): [text]
      }
    return [url] + query.map(\.value) + headers.map(\.value) + inBody
  }
}

extension JSONTemplate {
  fileprivate var templates: [Template] {
    switch self {
    case .literal: []
    case .text(let template): [template]
    case .array(let items): items.flatMap(\.templates)
    case .object(let members): members.flatMap { $0.value.templates }
    }
  }
}
