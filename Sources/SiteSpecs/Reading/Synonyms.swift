/// Words of other programs, and of everyday speech, for keys and values that are called otherwise here.
let synonyms: [String: [String]] = [
  // Keys.
  "type": ["as"], "jsonpath": ["json"], "json_path": ["json"], "regex": ["pattern"], "regexp": ["pattern"],
  "selector": ["css"], "foreach": ["each"], "for_each": ["each"], "url": ["get", "post"], "uri": ["get", "post"],
  "method": ["get", "post"], "interval": ["every"], "period": ["every"], "schedule": ["cron"], "hours": ["within"],
  "name": ["title", "step"], "id": ["site", "notifier", "step"], "filter": ["keep", "when"], "filters": ["then"],
  "cookie": ["cookies"], "params": ["query"], "data": ["form", "body"], "payload": ["json", "body"],
  "unique": ["key"], "max": ["at_most", "limit"], "secrets": ["options"], "recipients": ["to"], "chat_id": ["to"],
  "allowed_hosts": ["allow_hosts"], "useragent": ["user_agent"],
  // Words.
  "int": ["integer"], "number": ["decimal"], "float": ["decimal"], "double": ["decimal"], "string": ["text"],
  "str": ["text"], "bool": ["boolean"], "datetime": ["instant"], "timestamp": ["instant"], "price": ["money"],
  "new": ["added"], "gone": ["removed"], "deleted": ["removed"], "changed": ["updated"], "broken": ["layout_broken"],
  "error": ["failed"], "retry": ["resend"], "persian": ["jalali", "fa"], "farsi": ["fa"], "english": ["en"],
  "shamsi": ["jalali"], "markdown": ["text"], "html": ["telegram_html"], "true": ["obey"], "strip": ["trim"],
]

extension Sequence where Element == String {
  /// The first of these that `word` is another name for.
  func named(alsoAs word: String) -> String? {
    let all = synonyms[word.lowercased()] ?? []
    return all.first { name in contains(name) }
  }
}
