/// The three examples of the design, word for word: they are the contract for names and meaning.
enum Examples {
  static let site = #"""
    # yaml-language-server: $schema=../docs/reference/site.schema.json
    site: paziresh24
    title: پذیرش۲۴
    timezone: Asia/Tehran

    links:                                    # a pasted link becomes a watch
      - https://www.paziresh24.com/dr/{slug}/

    limits:                                   # per origin, in the engine's core; the strictest spec wins
      rate: 1/s
      concurrency: 2
      min_interval: 60s
      never: ["**/getFreeTurn", "**/suspend", "**/unsuspend", "**/book", "**/bookRequest", "**/setTerminal", "**/resetPassword"]

    request:                                  # defaults for every step
      headers: { Origin: https://www.paziresh24.com, Accept-Language: "fa-IR,fa;q=0.9" }
      timeout: 15s
      outcomes:
        - blocked: { missing: anchor, text: "(?i)captcha|just a moment|attention required" }

    steps:
      - step: services
        get: https://www.paziresh24.com/dr/{slug}/
        refresh: 12h                          # rows are kept this long before the page is read again
        document: { xpath: '//script[@id="__NEXT_DATA__"]', as: json }
        anchor: $.props.pageProps.information # must be there on every healthy page, an empty one too
        outcomes:
          - gone: { status: [404, 410] }
          - unreadable: { json: $.props.pageProps.shouldFetchOnClient, equals: true }
        fields:                               # once per document, inherited by its rows
          doctor: { json: $.props.pageProps.information.display_name, required: true }
        rows:
          each: $.props.pageProps.centers[*]
          keep: active
          fields: { active: { json: $.is_active, as: boolean }, center_id: $.id, center: $.name }
          rows:
            each: $.services[*]
            keep: bookable
            fields: { bookable: { json: $.can_booking, as: boolean }, service_id: $.id, user_center_id: $.user_center_id, service: $.alias_title }

      - step: days
        post: https://apigw.paziresh24.com/booking/v2/getFreeDays
        form: { center_id: "{center_id}", service_id: "{service_id}", user_center_id: "{user_center_id}", return_type: calendar }
        anchor: $.calendar.turns
        outcomes:
          - empty: { json: $.status, equals: 32 }            # declared empty: a good answer, and what was there is gone
          - empty: { json: $.status, equals: 700, reread: services }   # also means "wrong service": believe it after a re-read
          - unreadable: { json: $.status, not: 1 }
        rows:                                                # a list: the first that yields rows wins
          - entries: "$.result[*][*].turns"                  # object keys are data: rows have .key and .value
            fields: { start: { json: $.key, as: instant } }  # unix seconds, number or numeric string
          - each: "$.calendar.turns[*]"                      # the first window is sold out: only the days are named
            limit: 2
            fields: { day: $ }

      - step: turns
        when: start == null                                  # rows for which this is false pass through untouched
        post: https://apigw.paziresh24.com/booking/v2/getFreeTurns
        form: { center_id: "{center_id}", service_id: "{service_id}", user_center_id: "{user_center_id}", date: "{day}" }
        anchor: $.result
        outcomes: [ { unreadable: { json: $.status, not: 1 } } ]
        rows: { each: "$.result[*]", fields: { start: { json: $.from, as: instant } } }   # fills a null field

    items:
      key: [service_id, start]
      track: []                               # fields whose change is an `updated`
      drop: start <= now                      # leaves as `passed`: no change, no alert
      expect: { count: 0..500 }               # per branch; outside it the branch is `suspicious`

    alert:
      on: [added]
      title: { fa: "نوبت خالی: {doctor}", en: "Free appointment: {doctor}" }
      line: { fa: "{start | jalali: 'EEEE d MMMM'} ساعت {start | time}{center | prefix: '، '}", en: "{start | date: 'EEE d MMM'} {start | time}{center | prefix: ', '}" }
      link: https://www.paziresh24.com/dr/{slug}/
      useful_for: 15m
    """#

  static let notifier = #"""
    notifier: telegram
    title: Telegram
    options:                                  # what an operator sets; checked and documented from here
      token: { secret: true, required: true, help: From @BotFather }
      api: { default: https://api.telegram.org }
    recipient: { name: chat_id, pattern: '^(-?\d+|@\w{5,32})$' }
    format: telegram_html                     # escaping and layout of titles, lines, links and buttons
    max_length: 4096                          # UTF-16 units shown, tags not counted
    limits: { rate: 30/s, per_recipient: 1/s }
    send:
      post: "{api}/bot{token}/sendMessage"
      json: { chat_id: "{recipient}", text: "{message}", parse_mode: HTML, link_preview_options: { is_disabled: true } }
    outcomes:
      - delivered: { json: $.ok, equals: true, receipt: $.result.message_id }
      - throttled: { json: $.error_code, equals: 429, retry_after: $.parameters.retry_after }
      - moved: { json: $.parameters.migrate_to_chat_id, to: $.parameters.migrate_to_chat_id }
      - resend_plain: { json: $.description, matches: "(?i)can't parse entities" }
      - recipient_gone: { json: $.error_code, equals: 403 }
      - recipient_gone: { json: $.description, matches: "(?i)chat not found" }
      - misconfigured: { json: $.error_code, in: [401, 404] }
    """#

  static let configuration = #"""
    sites: [sites]
    notifiers: [notifiers]
    store: data/slothunter.db                 # or postgres://… once one machine is not enough
    channels:                                 # registered, named, switched on and off here; reloaded on save
      telegram: { notifier: telegram, enabled: true, token: "${TELEGRAM_BOT_TOKEN}" }
      sms: { notifier: smsir, enabled: false, key: "${file:/run/secrets/smsir}", line: 30007732 }
      ops: { notifier: webhook, enabled: true, url: https://ops.example/hook, secret: "${WEBHOOK_SECRET}" }
    maintainers:                              # layout breaks and channel faults go here, never to end users
      - { channel: ops }
    watches:
      - site: paziresh24
        params: { slug: دکتر-نمونه }
        every: 60s
        notify:
          - { channel: telegram, to: "123456789", language: fa, when: "start.hour < 12", quiet: 23:00-07:00, at_most: 10/day, first: summary }
    """#
}
