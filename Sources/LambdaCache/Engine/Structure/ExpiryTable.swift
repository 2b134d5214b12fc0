/// The deadlines of entries, and which entry expires next: 14 bytes a slot, and nothing at all
/// until a cache first uses a time to live.
///
/// Deadlines that come in order, as with one time to live for the whole cache, are kept in a queue:
/// O(1), and the first is always the next. A deadline that is earlier than the queue's last goes
/// into a timing wheel. A look-up never depends on either: it compares the deadline itself. They
/// only find what can be reclaimed.
@usableFromInline
package struct ExpiryTable: ~Copyable {
  /// Links of the list a slot is in.
  ///
  /// The first of a list has ``ExpiryLink/firstMark`` and the list's number as its `previous`.
  @usableFromInline var links: UnsafeMutablePointer<ExpiryLink>
  @usableFromInline var deadlines: TickColumn
  @usableFromInline package var isActive = false
  /// No deadline lies before this tick, unless nothing is scheduled.
  @usableFromInline package var nextDue: Tick = .max
  /// Bytes of the wheel, which exists only in caches that have used it.
  @usableFromInline package var wheelByteCount = 0
  var queueFirst: Slot = 0
  var queueLast: Slot = 0
  var wheel: TimingWheel
  private var linkByteCount = 0
  private var deadlineByteCount = 0

  package init() {
    // Aligned and never read: every reader checks `isActive` first.
    links = UnsafeMutablePointer(bitPattern: MemoryLayout<ExpiryLink>.alignment)!
    deadlines = TickColumn(base: UnsafeMutableRawPointer(links))
    wheel = TimingWheel()
  }

  deinit {
    if linkByteCount > 0 { VirtualMemory.release(links, byteCount: linkByteCount) }
    if deadlineByteCount > 0 {
      VirtualMemory.release(deadlines.base, byteCount: deadlineByteCount)
    }
  }

  /// Bytes one slot takes while the table is active.
  @inlinable package static var activeSlotByteCount: Int {
    MemoryLayout<ExpiryLink>.stride + TickColumn.slotByteCount
  }

  /// Bytes one slot takes.
  @inlinable package var slotByteCount: Int { isActive ? ExpiryTable.activeSlotByteCount : 0 }

  /// Has the table keep deadlines, of as many slots as there is address space for.
  ///
  /// Slots that are in use already have no deadline: fresh pages are zero, and 0 is never.
  package mutating func activate() { isActive = true }

  /// Has both columns take address space for so many slots.
  ///
  /// - Parameters:
  ///   - count: The slots.
  ///   - touched: The slots that may have had deadlines, the sentinel's included.
  /// - Returns: `false` if the system does not grant so much.
  package mutating func reserve(slots count: Int, touched: Int) -> Bool {
    let stride = MemoryLayout<ExpiryLink>.stride
    var base = UnsafeMutableRawPointer(links)
    guard
      AddressSpace.extend(
        &base, reserved: &linkByteCount, to: (count + 1) * stride, used: touched * stride)
    else { return false }
    links = base.bindMemory(to: ExpiryLink.self, capacity: count + 1)
    return deadlines.reserve(slots: count, reserved: &deadlineByteCount, touched: touched)
  }

  /// When a slot of an active table expires; 0 is never.
  @inlinable @inline(__always)
  package func deadline(of slot: Slot) -> Tick { deadlines[slot] }

  /// Gives the memory of slots above the highest back; see
  /// ``SlotTable/releaseUntouched(beyondOneIn:)``.
  @usableFromInline
  package mutating func releaseUntouched(from lower: Int, to upper: Int) {
    guard isActive else { return }
    let stride = MemoryLayout<ExpiryLink>.stride
    VirtualMemory.discard(
      in: UnsafeMutableRawPointer(links), from: lower * stride, to: upper * stride)
    deadlines.releaseUntouched(from: lower, to: upper)
  }

  /// Gives the wheel's memory back; nothing is scheduled.
  mutating func releaseWheel() {
    wheel = TimingWheel()
    wheelByteCount = 0
    nextDue = .max
  }

  /// Forgets every deadline and gives the memory back.
  package mutating func releaseAll() {
    self = ExpiryTable()
  }
}

/// The links of a slot in a list of the ``ExpiryTable``.
@usableFromInline
package struct ExpiryLink {
  @usableFromInline var previous: Slot
  @usableFromInline var next: Slot

  /// Added to a list's number in `previous` of the list's first slot; slots are below it.
  static var firstMark: Slot { 1 << 31 }
}
