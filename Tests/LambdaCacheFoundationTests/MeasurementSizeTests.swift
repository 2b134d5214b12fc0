#if FullFoundation && canImport(Glibc)
  import Foundation
  import LambdaCache
  import LambdaCacheFoundation
  import TestSupport
  import Testing

  @Suite("Stated sizes of measurements against the allocator's own account", .prompt)
  struct MeasurementSizeTests {
    @Test("A measurement takes its unit", .enabled(if: AllocatedBytes.isAvailable))
    func dimensions() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("length") { Measurement(value: Double($0), unit: UnitLength.meters) }
        expectMeasured("mass") { Measurement(value: Double($0), unit: UnitMass.kilograms) }
        expectMeasured("long symbol") {
          Measurement(value: Double($0), unit: UnitPressure.poundsForcePerSquareInch)
        }
        expectMeasured("with a constant") {
          Measurement(value: Double($0), unit: UnitTemperature.fahrenheit)
        }
        expectMeasured("a converter of another class") {
          Measurement(value: Double($0), unit: UnitFuelEfficiency.milesPerGallon)
        }
        expectMeasured("converted") {
          Measurement(value: Double($0), unit: UnitSpeed.knots).converted(to: .kilometersPerHour)
        }
        expectMeasured("of any dimension") { index -> Measurement<Dimension> in
          Measurement(value: 1, unit: index % 2 == 0 ? UnitEnergy.joules : UnitArea.acres)
        }
      }
    }

    @Test("A set of indices takes its ranges", .enabled(if: AllocatedBytes.isAvailable))
    func indexSets() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("empty") { _ in IndexSet() }
        expectMeasured("one") { IndexSet(integer: $0) }
        expectMeasured("range") { IndexSet(integersIn: $0..<($0 + 10)) }
        for count in [2, 5, 20, 200] {
          expectMeasured("\(count) ranges") { index in
            var set = IndexSet()
            for number in 0..<count { set.insert(10 * number + index) }
            return set
          }
        }
      }
    }

    @Test("A unit of the caller's takes what it adds", .enabled(if: AllocatedBytes.isAvailable))
    func ownUnits() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("symbol") {
          Measurement(value: Double($0), unit: Unit(symbol: "piece \($0) of many things"))
        }
        expectMeasured("subclass") { Measurement(value: 1, unit: Currency(name: "EUR no. \($0)")) }
      }
    }

    @Test(
      "Measurements are measured inside other values", .enabled(if: AllocatedBytes.isAvailable))
    func nested() async {
      await #expect(processExitsWith: .success) {
        expectMeasured("array") { index in
          (0..<5).map { Measurement(value: Double(index + $0), unit: UnitVolume.liters) }
        }
        expectMeasured("struct") { Parcel(number: $0) }
        expectMeasured("optional") { index -> Measurement<UnitLength>? in
          index % 2 == 0 ? nil : Measurement(value: 1, unit: .feet)
        }
      }
    }

    @Test("A unit that two properties share is counted once")
    func shared() {
      let unit = UnitLength.centimeters
      let length = Measurement(value: 1, unit: unit)
      let square = Square(width: length, height: Measurement(value: 2, unit: unit))
      #expect(length.heapByteCount > 0)
      #expect(square.heapByteCount == length.heapByteCount)
    }

    private struct Square: HeapSized {
      var width: Measurement<UnitLength>
      var height: Measurement<UnitLength>
    }
  }

  private struct Parcel: HeapSized {
    var name: String
    var weight: Measurement<UnitMass>
    var length: Measurement<UnitLength>
    var limit: Measurement<UnitMass>?

    init(number: Int) {
      name = "parcel number \(number) of a thousand"
      weight = Measurement(value: Double(number), unit: .grams)
      length = Measurement(value: 3, unit: .yards)
      limit = number % 3 == 0 ? nil : Measurement(value: 31.5, unit: .kilograms)
    }
  }

  private final class Currency: Dimension, @unchecked Sendable {
    private let name: String

    init(name: String) {
      self.name = name + ", with a name too long for a small string"
      super.init(symbol: "€", converter: UnitConverterLinear(coefficient: 1))
    }

    required init(symbol: String, converter: UnitConverter) {
      name = symbol
      super.init(symbol: symbol, converter: converter)
    }

    required init?(coder: NSCoder) { nil }

    required init(symbol: String) {
      name = symbol
      super.init(symbol: symbol, converter: UnitConverterLinear(coefficient: 1))
    }

    override static func baseUnit() -> Self { Self(symbol: "€") }
  }

  /// Expects stated and measured sizes to be within two percent, in a process that does nothing
  /// else.
  private func expectMeasured<Value: HeapSized>(_ name: String, _ make: (Int) -> Value) {
    let sizes = AllocatedBytes().perValue(count: 1000, make) { $0.heapByteCount }
    #expect(
      abs(sizes.stated - sizes.measured) <= sizes.measured * 0.02,
      "\(name): stated \(sizes.stated), measured \(sizes.measured)")
  }
#endif
