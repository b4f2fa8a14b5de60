@testable import SiteSpecs

extension SchemaTests {
  /// Valid files that use what the design's own examples leave out, so that every table is met.
  static let wide: [(SpecKind, String)] = [
    (
      .site,
      #"""
      site: paziresh24
      title: Wide
      timezone: Asia/Tehran
      links: ["https://shop.example/item/{id}"]
      limits: { rate: 5/s, burst: 2, gap: 100ms, concurrency: 2, robots: obey, min_interval: 90s, never: ["**/book"] }
      request:
        headers: { Accept: text/html }
        timeout: 10s
        cookies: true
        proxies: ["socks5://proxy.example:1080"]
        tls: { ca: ca.pem, cert: client.pem, key: client.key, password: "${KEY_PASSWORD}" }
        outcomes: [ { blocked: { missing: anchor, status: [200, 300..399] } } ]
      steps:
        - step: list
          get: https://shop.example/item/{id}
          query: { tag: [a, b], page: "{page}" }
          document: { xpath: '//script[@id="x"]', as: json }
          pages: { page: { from: 1, by: 1 }, until: $.last, at_most: 3 }
          anchor: [ $.list, { json: $.items } ]
          outcomes:
            - gone: { status: 404 }
            - empty: { json: $.count, in: [0, null] }
            - unreadable: { text: "(?i)wait", json: $.state, matches: "^busy" }
          fields: { shop: { json: $.shop, then: [trim, "truncate: 20"], required: true } }
          rows:
            - each: $.list[*]
              limit: 5
              keep: price != null
              fields:
                code: $.code
                price: { json: [ $.price, $.cost ], as: money, unit: rial }
                day: { join: [ $.day, $.hour ], as: instant, calendar: jalali, format: "yyyy/MM/dd HH:mm", timezone: UTC }
            - entries: $.items
              fields: { code: $.key, price: { json: $.value, as: money, unit: toman } }
        - step: page
          when: price == null
          post: https://shop.example/api
          json: { code: "{code}", deep: { list: [1, true, null, "{id}"] } }
          document: json
          refresh: 1h
          anchor: $.ok
          pages: { next: $.next }
          rows: { each: "$.rows[*]", rows: { each: "$.in[*]", fields: { left: { json: $.left, as: integer } } } }
      canary: { params: { id: "7" }, every: 1h, least: 1, facts: [ price != null ] }
      items: { key: code, track: [price], drop: left == 0, expect: { count: 0..50 }, reopen_after: 5m, settle: 1m, keep: code != null }
      alert: { on: [added, updated], title: "{shop}", line: { fa: "{code}", en: "{code}" }, link: "https://shop.example/item/{id}", useful_for: 1h }
      """#
    ),
    (
      .notifier,
      #"""
      notifier: telegram
      title: Wide
      options: { secret: { secret: true, required: true, help: The key }, url: { default: https://hook.example }, room_key: }
      recipient: { name: room, pattern: "^[a-z]+$", group: "^g" }
      format: text
      max_length: 500
      batch: 1
      limits: { rate: 5/s, per_recipient: 1/s, per_group: 20/min }
      when_unsure: resend_once
      sign: { standard_webhooks: secret }
      send: { put: "{url}/x", headers: { X-A: "{room_key}" }, query: { to: "{recipient}" }, body: "{message}", timeout: 5s, cookies: false }
      variants: [ { when_option: room_key, send: { post: "{url}", form: { to: "{recipient}", text: "{message}" } } } ]
      outcomes:
        - delivered: { status: 200..299, json: $.id, receipt: $.id, each: "$.all[*]", refused: [0, null] }
        - throttled: { status: 429, retry_after: $.wait }
        - moved: { json: $.new, to: $.new }
        - recipient_gone: { json: $.code, not: 5, text: gone }
      """#
    ),
    (
      .configuration,
      #"""
      sites: sites
      notifiers: notifiers
      store: data/x.db
      allow_hosts: ["127.0.0.1:8001", 10.0.0.0/8]
      user_agent: Mine/1.0
      metrics: { listen: "127.0.0.1:9464", allow_remote: false }
      channels:
        telegram: { notifier: telegram, token: "${TELEGRAM_BOT_TOKEN}", budget: [500 messages/day] }
        ops: { notifier: webhook, enabled: true, url: https://ops.example/hook, secret: "${WEBHOOK_SECRET}" }
      maintainers: [ { channel: ops, language: en } ]
      watches:
        - site: paziresh24
          params: { slug: x }
          cron: ["*/10 7-22 * * *"]
          within: sat-wed 07:00-23:00
          timezone: Asia/Tehran
          jitter: 10%
          priority: high
          notify:
            - { channel: telegram, to: 123456789, on: added, digest: ["08:00", "18:00"], urgent: start.hour < 9, snooze: "2026-12-01", stop: false }
            - { channel: telegram, to: "@somebody", digest: 30m, first: none, at_most: 5/hour }
      """#
    ),
  ]
}
