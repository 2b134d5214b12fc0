/// What can tell which entries of caches have become invalid: an event, or a type of your own.
///
/// ```swift
/// let runtime = LambdaRuntime { (event: SQSInvalidationEvent, context: LambdaContext) in
///   event.invalidations.apply(to: profiles, prices)
/// }
/// ```
///
/// **On Lambda an event reaches one environment.** All others keep their values until their time to
/// live ends, so invalidation is no substitute for one. It is right
/// - where there is one environment: reserved concurrency of 1, or a single Managed Instance (and
///   there one process for all its concurrent invocations);
/// - where the caller knows: a request that writes can say what it has changed, and the environment
///   that served it does not give it the old value;
/// - where it only shortens the time that most values are stale, and the time to live bounds it.
///
/// Where every environment must see a change at once, put a version into the key instead, read from
/// something small that is not cached for long: old entries are then never asked for, and are
/// evicted.
public protocol CacheInvalidationSource {
  /// What it asks for.
  var invalidations: InvalidationBatch { get }
}
