#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Logarithms and powers of the C library.
package enum Logarithm {
  package static func natural(_ number: Double) -> Double { log(number) }
  package static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
}
