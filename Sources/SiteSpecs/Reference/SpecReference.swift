import PluginHost

/// What may be written in the three kinds of files, from the very tables that read them: the reference pages and the
/// JSON Schema are made of it.
public enum SpecReference {
  /// The tables of a site spec; the first is the file itself.
  public static let site: [TableReference] = [
    KeyTable<SiteDraft>.site.reference, KeyTable<LimitsDraft>.limits.reference,
    KeyTable<RequestDefaults>.request.reference, KeyTable<TLSDraft>.tls.reference,
    KeyTable<StepDraft>.step.reference,
    KeyTable<InnerDocumentDraft>.document.reference, KeyTable<PagesDraft>.pages.reference,
    KeyTable<WindowDraft>.window.reference, KeyTable<RowsDraft>.rows.reference, KeyTable<FieldDraft>.field.reference,
    KeyTable<OutcomeDraft>.siteOutcome.reference, KeyTable<ItemsDraft>.items.reference,
    KeyTable<ExpectDraft>.expect.reference, KeyTable<AlertDraft>.alert.reference,
    KeyTable<CanaryDraft>.canary.reference,
  ]

  /// The tables of a notifier; the first is the file itself.
  public static let notifier: [TableReference] = [
    KeyTable<NotifierDraft>.notifier.reference, KeyTable<Option>.option.reference,
    KeyTable<NotifierDraft>.recipient.reference, KeyTable<NotifierDraft>.notifierLimits.reference,
    KeyTable<NotifierDraft>.sign.reference, KeyTable<SendDraft>.send.reference,
    KeyTable<VariantDraft>.variant.reference, KeyTable<OutcomeDraft>.notifierOutcome.reference,
  ]

  /// The tables of `slothunter.yaml`; the first is the file itself.
  public static let configuration: [TableReference] = [
    KeyTable<ConfigurationDraft>.configuration.reference, KeyTable<MetricsDraft>.metrics.reference,
    KeyTable<ChannelDraft>.channel.reference,
    KeyTable<SubscriptionDraft>.maintainer.reference, KeyTable<WatchDraft>.watch.reference,
    KeyTable<SubscriptionDraft>.subscription.reference,
  ]
}
