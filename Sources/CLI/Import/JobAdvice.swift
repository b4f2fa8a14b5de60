/// Keys of urlwatch and webchanges, and what SlotHunter has in their place.
extension JobImport {
  /// What each key comes to where it is not carried over; a leading `!` marks what is not needed.
  static let advice: [String: String] = [
    "cookies": "site specs hold no secrets; `cookies: true` keeps those that the site sets itself",
    "ssl_no_verify":
      "certificates are always verified; trust an authority of your own with `request: { tls: { ca: … } }`",
    "ignore_cached": "!validators are kept per request, and a 304 is the stored page again",
    "ignore_connection_errors": "!no error ever reaches people; maintainers hear once, after an hour",
    "ignore_timeout_errors": "!no error ever reaches people; maintainers hear once, after an hour",
    "ignore_too_many_redirects": "!no error ever reaches people",
    "ignore_http_error_codes": "!no error ever reaches people; `outcomes:` says what a status means",
    "ignore_dh_key_too_small": "weak keys are refused",
    "suppress_error_ended": "!errors are told maintainers only", "suppress_errors": "!errors are told maintainers only",
    "suppress_repeated_errors": "!errors are told maintainers once",
    "compared_versions": "`items: { settle: 10m }` waits for a change to stay",
    "max_tries": "!a failed run is tried again at its next time",
    "retries": "!a failed run is tried again at its next time",
    "monospace": "!messages are lines of items",
    "no_redirects": "redirects are followed, at most 10, `never` checked on each",
    "diff_tool": "items are compared by key; `track:` names fields whose change is told",
    "diff_filter": "say it before the comparison, with `keep:` and `then:`",
    "differ": "items are compared by key; `track:` names fields whose change is told",
    "contextlines": "!messages are lines of items", "is_markdown": "!messages are laid out by each channel",
    "markdown_padded_tables": "!messages are laid out by each channel",
    "tz": "`timezone:` of the site says where its times are",
    "encoding": "!the charset is told by the answer and the page",
    "kind": "!what a job is, its keys say", "guid": "!a watch is its site and parameters",
    "index_number": "!a watch is its site and parameters", "tags": "routes to people stand under `notify:`",
    "wait_until": "pages that scripts draw are not rendered: look for the JSON they load (`slothunter init` on it)",
    "wait_for": "pages that scripts draw are not rendered: look for the JSON they load (`slothunter init` on it)",
    "use_browser": "pages that scripts draw are not rendered: look for the JSON they load (`slothunter init` on it)",
    "navigate": "it was drawn by a browser: if the page's own text is not enough, look for the JSON it loads",
    "initialization_url": "write it as a first step; what it gives is named in the steps after it",
    "initialization_js": "pages that scripts draw are not rendered",
    "hooks": "no code runs; selectors and filters say it",
    "http_client": "!there is one client", "impersonate": "requests say who they are", "data_as_json": "!",
    "note": "!kept as a remark",
  ]

  /// Keys that are read here.
  static let carried: Set<String> = [
    "name", "url", "method", "data", "headers", "timeout", "filter", "user_visible_url", "http_proxy", "https_proxy",
    "proxy",
    "additions_only", "deletions_only", "treat_new_as_changed", "enabled", "user_agent", "data_as_json", "location",
  ]
}
