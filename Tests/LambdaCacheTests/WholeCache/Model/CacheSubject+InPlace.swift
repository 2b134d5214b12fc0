import LambdaCache

/// Operations that look at a value or change it where it is.
extension CacheSubject {
  func update(_ key: Int, variant: Int, size: Int?, isThrowing: Bool) {
    let serial = nextSerial()
    let new = size.map { (serial: serial, size: $0) }
    var value = new.map { vocabulary.value(serial: $0.serial, size: $0.size) }
    let key = (number: key, name: vocabulary.key(key, variant: variant))
    do {
      // A closure that may throw is given a copy, another one the value in its place.
      if isThrowing || serial.isMultiple(of: 2) {
        try driver.tryToUpdateValue(forKey: key.name) { present in
          present = value
          if isThrowing { throw Refusal() }
        }
      } else {
        driver.updateValue(forKey: key.name) { $0 = value }
      }
    } catch {
      coverage["updates that threw", default: 0] += 1
    }
    value = nil
    let reading = reading
    let keySize = keySize(key.number, variant: variant)
    follow { model, witness in
      model.note(reading)
      if isThrowing { return }
      if let new {
        _ = model.set(
          key.number, serial: new.serial, size: new.size, keySize: keySize, timeToLive: nil,
          witness: &witness)
      } else {
        _ = model.removeValue(key.number, witness: &witness)
      }
    }
  }

  func borrow(_ key: Int, variant: Int) -> [String] {
    let found = driver.withValue(forKey: vocabulary.key(key, variant: variant)) {
      vocabulary.serial(of: copy $0)
    }
    var expected: Int?
    follow { model, witness in expected = model.read(key, at: reading, witness: &witness) }
    return found == expected ? [] : ["key \(key) lent \(text(found)), not \(text(expected))"]
  }

  func readOrInsert(_ key: Int, variant: Int, size: Int) -> [String] {
    let serial = nextSerial()
    let keySize = keySize(key, variant: variant)
    let found = vocabulary.serial(
      of: driver.value(forKey: vocabulary.key(key, variant: variant)) {
        vocabulary.value(serial: serial, size: size)
      })
    var expected = serial
    follow { model, witness in
      if let present = model.read(key, at: reading, witness: &witness) {
        expected = present
        return
      }
      _ = model.set(
        key, serial: serial, size: size, keySize: keySize, timeToLive: nil, witness: &witness)
    }
    return found == expected ? [] : ["key \(key) had or got \(found), not \(expected)"]
  }

  func removeIf(_ key: Int, variant: Int, multipleOf divisor: Int) -> [String] {
    let removed = driver.removeValue(forKey: vocabulary.key(key, variant: variant)) {
      vocabulary.serial(of: $0).isMultiple(of: divisor)
    }.map(vocabulary.serial(of:))
    var expected: Int?
    follow { model, witness in
      if Driver.isShared { model.note(reading) }
      guard let present = model.peek(key, at: reading), present.isMultiple(of: divisor) else {
        return
      }
      model.note(reading)
      expected = model.removeValue(key, witness: &witness)
    }
    if expected != nil { coverage["removed by condition", default: 0] += 1 }
    return removed == expected ? [] : ["\(text(removed)) was removed, not \(text(expected))"]
  }

  func removeAllIf(multipleOf divisor: Int) {
    driver.removeAll { vocabulary.serial(of: $1).isMultiple(of: divisor) }
    follow { model, witness in
      if !Driver.isShared {
        model.note(reading)
        model.removeAll(multiplesOf: divisor, witness: &witness)
        return
      }
      // One by one, each as a removal of its own, and only what is alive.
      for entry in model.entries.reversed()
      where entry.serial.isMultiple(of: divisor) && !model.isExpired(entry, at: reading) {
        model.note(reading)
        _ = model.removeValue(entry.key, witness: &witness)
      }
    }
  }
}

/// The error that the closure of an update throws.
private struct Refusal: Error {}
