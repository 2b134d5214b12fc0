/// The entry of a key as a look-up sees it.
@usableFromInline
package struct Lookup {
  /// The entry's slot; 0 if the key has none that may be served.
  @usableFromInline package let slot: Slot
  /// Ticks since the entry expired; `nil` for a fresh one.
  @usableFromInline let staleTicks: Tick?

  @inlinable @inline(__always)
  init(slot: Slot, staleTicks: Tick? = nil) {
    self.slot = slot
    self.staleTicks = staleTicks
  }

  /// Nothing that may be served.
  @inlinable static var none: Lookup { Lookup(slot: 0) }

  /// The slot of a fresh entry, else 0.
  @inlinable @inline(__always)
  package var freshSlot: Slot { staleTicks == nil ? slot : 0 }

  /// The time since the entry expired; `nil` if it is fresh, or if there is none.
  @inlinable package var staleFor: Duration? {
    staleTicks.map { .milliseconds(Int64($0)) }
  }
}
