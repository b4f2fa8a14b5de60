extension Trouble {
  /// This machine, or its line: one word for all sites and channels that can't be reached meanwhile.
  static let offline = Trouble(
    key: "offline", channel: nil,
    title: Words(
      english: "nothing can be reached from here: the line or the name service is down",
      persian: "از این دستگاه به هیچ‌جا نمی‌توان رسید: خط یا DNS قطع است"),
    lines: [
      Words(
        english: "no site is held to be broken for it; watching goes on by itself when something answers",
        persian: "هیچ سایتی خراب شمرده نمی‌شود؛ با برگشت خط پایش خودبه‌خود ادامه می‌یابد")
    ],
    ending: Words(english: "the line is back: sites are read again", persian: "خط برگشت: سایت‌ها دوباره خوانده می‌شوند"))
}
