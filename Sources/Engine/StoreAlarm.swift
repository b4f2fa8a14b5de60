import PluginHost
import Storage

/// What maintainers read about the store. Pure; docs/storage.md says what to do, under the same words.
struct StoreAlarm {
  var trouble: StoreHealth.Trouble?
  var path: String
  var language: String

  private var isPersian: Bool { language == "fa" }

  func opening(_ health: StoreHealth) -> (title: String, lines: [String]) {
    guard let trouble else { return closing("") }
    var lines = [isPersian ? "فایل: \(path)" : "store: \(path)"]
    if !health.detail.isEmpty { lines.append(isPersian ? "علت: \(health.detail)" : "why: \(health.detail)") }
    lines.append(isPersian ? trouble.adviceInPersian : trouble.advice)
    return ("\(isPersian ? trouble.titleInPersian : trouble.title) (\(trouble.rawValue))", lines)
  }

  func closing(_ incident: String) -> (title: String, lines: [String]) {
    let what = incident.drop { $0 != "|" }.dropFirst()
    return (isPersian ? "ذخیره‌گاه دوباره سالم است" : "the store is well again", ["\(what): \(path)"])
  }
}

extension StoreHealth.Trouble {
  fileprivate var title: String {
    switch self {
    case .damaged: "the store is damaged"
    case .failing: "the store can't be read or written"
    case .full: "the store's disk is full"
    case .scarceSpace, .lowSpace: "the store's disk is nearly full"
    case .slow: "the store's disk is slow"
    }
  }

  fileprivate var titleInPersian: String {
    switch self {
    case .damaged: "ذخیره‌گاه آسیب دیده است"
    case .failing: "ذخیره‌گاه خوانده یا نوشته نمی‌شود"
    case .full: "دیسک ذخیره‌گاه پر است"
    case .scarceSpace, .lowSpace: "دیسک ذخیره‌گاه رو به پر شدن است"
    case .slow: "دیسک ذخیره‌گاه کند است"
    }
  }

  fileprivate var advice: String {
    switch self {
    case .damaged: "stop the service and restore the store from a backup; nothing is made anew by itself"
    case .failing: "nothing new is stored until it works again, and it is tried again by itself; look at the disk"
    case .full: "what is in the outbox goes out in the room of the reserve; make room: the rest goes on by itself"
    case .scarceSpace: "bodies of pages are no longer stored; make room before it is full"
    case .lowSpace: "make room before it is full"
    case .slow: "nothing is lost, alerts are late; look at what else uses the disk"
    }
  }

  fileprivate var adviceInPersian: String {
    switch self {
    case .damaged: "سرویس را متوقف کنید و ذخیره‌گاه را از نسخهٔ پشتیبان بازگردانید"
    case .failing: "تا رفع مشکل چیز تازه‌ای ذخیره نمی‌شود و تلاش خودبه‌خود ادامه دارد؛ دیسک را بررسی کنید"
    case .full: "پیام‌های ذخیره‌شده فرستاده می‌شوند؛ جا باز کنید، بقیه خودبه‌خود ادامه می‌یابد"
    case .scarceSpace: "متن صفحه‌ها دیگر ذخیره نمی‌شود؛ پیش از پر شدن جا باز کنید"
    case .lowSpace: "پیش از پر شدن جا باز کنید"
    case .slow: "چیزی گم نمی‌شود، پیام‌ها دیر می‌رسند؛ ببینید چه چیز دیگری از دیسک استفاده می‌کند"
    }
  }
}
