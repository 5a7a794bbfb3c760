// SPDX-License-Identifier: Apache-2.0
#include "arrays.hpp"

#include <nlohmann/json.hpp>
#if TRUESTEP_HAVE_ZIP
#include <zip.h>
#endif

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "json_counts.hpp"

namespace truestep::identify {
namespace {

std::uint64_t bits_of(const Stored& stored, const char* bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < stored.width; ++i) {
    const std::size_t at = stored.big_endian ? i : stored.width - 1 - i;
    bits = bits << 8 | static_cast<unsigned char>(bytes[at]);
  }
  return bits;
}

double of_float16(std::uint64_t bits) {
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  const int exponent = static_cast<int>(bits >> 10 & 0x1f);
  const auto fraction = static_cast<double>(bits & 0x3ff);
  if (exponent == 0x1f) return fraction == 0 ? sign * HUGE_VAL : std::nan("");
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

double of_integer(const Stored& stored, std::uint64_t bits) {
  const std::size_t unused = 64 - 8 * stored.width;
  if (!stored.is_signed) return static_cast<double>(bits);
  return static_cast<double>(static_cast<std::int64_t>(bits << unused) >> unused);
}

double number(const Stored& stored, const char* bytes) {
  const std::uint64_t bits = bits_of(stored, bytes);
  switch (stored.type) {
    case Type::float64:
      return std::bit_cast<double>(bits);
    case Type::float32:
      return double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))};
    case Type::float16:
      return of_float16(bits);
    case Type::bfloat16:
      return double{std::bit_cast<float>(static_cast<std::uint32_t>(bits << 16))};
    case Type::integer:
      return of_integer(stored, bits);
    case Type::truth:
      break;
  }
  return bits != 0 ? 1 : 0;
}

/// Numbers that follow one another; those that lie as here are copied.
void numbers(const Stored& stored, const char* bytes, std::size_t count, double* to) {
  const bool as_here = stored.big_endian == (std::endian::native == std::endian::big);
  if (stored.type == Type::float64 && as_here) {
    std::memcpy(to, bytes, count * sizeof(double));
    return;
  }
  if (stored.type == Type::float32 && as_here) {
    for (std::size_t i = 0; i < count; ++i) {
      float x = 0;
      std::memcpy(&x, bytes + i * sizeof x, sizeof x);
      to[i] = double{x};
    }
    return;
  }
  for (std::size_t i = 0; i < count; ++i) to[i] = number(stored, bytes + i * stored.width);
}

/// Where the number of a place stands that is counted with the first index running fastest, if
/// `place` counts with the last one so.
std::uint64_t fortran_place(std::uint64_t place, const std::vector<std::uint64_t>& shape) {
  std::uint64_t stride = 1;
  for (const auto length : shape) stride *= length;
  std::uint64_t at = 0;
  for (std::size_t i = shape.size(); i-- > 0;) {
    stride /= shape[i];
    at += place % shape[i] * stride;
    place /= shape[i];
  }
  return at;
}

Stored safetensors_type(const std::string& type) {
  static const std::map<std::string, Stored> known{{"F64", {Type::float64, 8}},
                                                   {"F32", {Type::float32, 4}},
                                                   {"F16", {Type::float16, 2}},
                                                   {"BF16", {Type::bfloat16, 2}},
                                                   {"BOOL", {Type::truth, 1}},
                                                   {"I8", {Type::integer, 1}},
                                                   {"I16", {Type::integer, 2}},
                                                   {"I32", {Type::integer, 4}},
                                                   {"I64", {Type::integer, 8}},
                                                   {"U8", {Type::integer, 1, false, false}},
                                                   {"U16", {Type::integer, 2, false, false}},
                                                   {"U32", {Type::integer, 4, false, false}},
                                                   {"U64", {Type::integer, 8, false, false}}};
  const auto found = known.find(type);
  if (found == known.end())
    throw std::runtime_error("has numbers of type " + type +
                             "; F64, F32, F16, BF16, integers and BOOL are read");
  return found->second;
}

/// What a descriptor of a file leads to, for as long as somebody keeps it.
Bytes mapped(int descriptor) {
  struct stat about;
  if (fstat(descriptor, &about) != 0 || about.st_size == 0)
    throw std::runtime_error("cannot be opened, or is empty");
  const auto size = static_cast<std::size_t>(about.st_size);
  void* const begin = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (begin == MAP_FAILED && errno == ENOMEM) throw std::bad_alloc();
  if (begin == MAP_FAILED)
    throw std::system_error(errno, std::generic_category(), "the file cannot be mapped");
  return {{static_cast<const char*>(begin), size},
          std::shared_ptr<const void>(begin, [size](void* it) { munmap(it, size); })};
}

#if TRUESTEP_HAVE_ZIP

struct Close {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

/// A file of no name that goes when it is closed, for what is too large to be held.
class Unpacked {
 public:
  void add(std::string_view piece) {
    if (std::fwrite(piece.data(), 1, piece.size(), file_.get()) != piece.size())
      throw std::system_error(errno, std::generic_category(), "a temporary file");
  }
  Bytes bytes() {
    if (std::fflush(file_.get()) != 0)
      throw std::system_error(errno, std::generic_category(), "a temporary file");
    return mapped(fileno(file_.get()));
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  static std::FILE* opened() {
    std::FILE* const file = std::tmpfile();
    if (file == nullptr)
      throw std::system_error(errno, std::generic_category(), "a temporary file");
    return file;
  }
  std::unique_ptr<std::FILE, Close> file_{opened()};
};

Bytes member(zip_t* archive, zip_uint64_t index) {
  zip_stat_t about;
  if (zip_stat_index(archive, index, 0, &about) != 0 || (about.valid & ZIP_STAT_SIZE) == 0)
    throw std::runtime_error("has a member whose size is not known");
  const std::unique_ptr<zip_file_t, Close> file(zip_fopen_index(archive, index, 0));
  if (!file) throw std::runtime_error(std::string("cannot be unpacked: ") + zip_strerror(archive));
  // Read in pieces: what an archive says of its size takes no room before it is there.
  Unpacked unpacked;
  zip_uint64_t size = 0;
  std::string piece(std::clamp<zip_uint64_t>(about.size, 1, 1 << 20), '\0');
  for (zip_int64_t got = 0; (got = zip_fread(file.get(), piece.data(), piece.size())) != 0;) {
    if (got < 0) throw std::runtime_error("cannot be unpacked: its data are damaged");
    unpacked.add({piece.data(), static_cast<std::size_t>(got)});
    size += static_cast<zip_uint64_t>(got);
  }
  if (size != about.size) throw std::runtime_error("cannot be unpacked: it ends too early");
  return unpacked.bytes();
}

Arrays npz_arrays(const std::string& file) {
  int error = 0;
  const std::unique_ptr<zip_t, Close> archive(zip_open(file.c_str(), ZIP_RDONLY, &error));
  if (!archive) throw std::runtime_error("is no zip archive that can be read");
  Arrays arrays;
  const auto count = zip_get_num_entries(archive.get(), 0);
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    std::string name = zip_get_name(archive.get(), i, 0);
    if (name.ends_with("/data.pkl") || name == "data.pkl")
      throw std::runtime_error(
          "is a file of torch.save, which is not read; in Python: run = torch.load(FILE); "
          "numpy.savez(\"run.npz\", params=run[\"params\"], grads=run[\"grads\"])");
    if (!name.ends_with(".npy")) continue;
    name.resize(name.size() - 4);
    try {
      if (!arrays.emplace(name, npy_array(member(archive.get(), i))).second)
        throw std::runtime_error("is there twice");
    } catch (const std::runtime_error& reason) {
      throw std::runtime_error("array " + name + " " + reason.what());
    }
  }
  return arrays;
}

#else

Arrays npz_arrays(const std::string&) {
  throw std::runtime_error("is a zip archive, and this program was built without libzip");
}

#endif

}  // namespace

std::size_t Array::columns() const {
  std::size_t all = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) all *= shape[i];
  return all;
}

void Array::read(std::size_t row, std::size_t first, std::size_t count, double* to) const {
  const std::size_t at = row * columns() + first;
  if (is_held()) {
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(at), count, to);
    return;
  }
  const char* const data = bytes.bytes.data();
  if (fortran_order && shape.size() > 1) {
    for (std::size_t i = 0; i < count; ++i)
      to[i] = number(stored, data + fortran_place(at + i, shape) * stored.width);
    return;
  }
  numbers(stored, data + at * stored.width, count, to);
}

Array decoded(const Stored& stored, const std::vector<std::uint64_t>& shape, bool fortran_order,
              const Bytes& bytes) {
  std::uint64_t count = 1, size = 0;
  bool fits = true, is_empty = false;
  for (const auto length : shape) {
    is_empty |= length == 0;
    fits &= !__builtin_mul_overflow(count, length, &count);
  }
  if (is_empty) count = 0;
  if ((!fits && !is_empty) || __builtin_mul_overflow(count, stored.width, &size))
    throw std::runtime_error("says that it has more than 2^64 bytes");
  if (size != bytes.bytes.size())
    throw std::runtime_error("has " + std::to_string(bytes.bytes.size()) +
                             " bytes of numbers where its header says " + std::to_string(size));
  constexpr std::uint64_t most_held = std::uint64_t{1} << 20;
  Array array{stored.type, shape, {}, bytes, stored, fortran_order};
  if (bytes.keeps && count > most_held) return array;
  std::vector<double> values(count);
  for (std::size_t row = 0; row < array.rows() && count > 0; ++row)
    array.read(row, 0, array.columns(), values.data() + row * array.columns());
  return {stored.type, shape, std::move(values)};
}

Arrays safetensors_arrays(const Bytes& file) {
  using nlohmann::json;
  const auto bytes = file.bytes;
  if (bytes.size() < 8) throw std::runtime_error("ends within its header");
  const std::uint64_t length = bits_of({Type::integer, 8}, bytes.data());
  if (length > bytes.size() - 8)
    throw std::runtime_error("says that its header has " + std::to_string(length) +
                             " bytes, which is more than follow");
  const json header = json::parse(bytes.substr(8, length), nullptr, false);
  if (!header.is_object()) throw std::runtime_error("has a header that is no JSON object");
  const std::string_view data = bytes.substr(8 + length);
  Arrays arrays;
  for (const auto& [name, about] : header.items()) {
    if (name == "__metadata__") continue;
    try {
      const auto type = safetensors_type(about.at("dtype").get<std::string>());
      const auto shape = counts_in(about.at("shape"));
      const auto place = counts_in(about.at("data_offsets"));
      if (place.size() != 2 || place[0] > place[1] || place[1] > data.size())
        throw std::runtime_error("lies outside the file");
      arrays.emplace(name, decoded(type, shape, false,
                                   {data.substr(place[0], place[1] - place[0]), file.keeps}));
    } catch (const json::exception&) {
      throw std::runtime_error("array " + name + " lacks dtype, shape or data_offsets");
    } catch (const std::runtime_error& reason) {
      throw std::runtime_error("array " + name + " " + reason.what());
    }
  }
  return arrays;
}

Bytes mapped(const std::string& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (std::filesystem::is_directory(status)) throw std::runtime_error("is a folder");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw std::runtime_error("is a pipe or a device; a file is read");
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error("cannot be opened, or is empty");
  const std::unique_ptr<const int, void (*)(const int*)> closed(&descriptor,
                                                                [](const int* it) { close(*it); });
  return mapped(descriptor);
}

Arrays read_arrays(const std::string& file) {
  try {
    const auto all = mapped(file);
    const auto bytes = all.bytes;
    if (bytes.starts_with("PK")) return npz_arrays(file);
    if (bytes.starts_with("\x93NUMPY")) return {{"", npy_array(all)}};
    if (bytes.starts_with("\x89HDF"))
      throw std::runtime_error(
          "is HDF5, which is not read; in Python: run = h5py.File(FILE); "
          "numpy.savez(\"run.npz\", params=run[\"params\"], grads=run[\"grads\"])");
    if (bytes.starts_with("\x80") && bytes.size() > 1 && bytes[1] >= 2 && bytes[1] <= 5 &&
        !(bytes.size() > 8 && bytes[8] == '{'))
      throw std::runtime_error(
          "is a pickle, which is not read; in Python: run = pickle.load(open(FILE, \"rb\")); "
          "numpy.savez(\"run.npz\", params=run[\"params\"], grads=run[\"grads\"])");
    if (bytes.size() > 8 && bytes[8] == '{') return safetensors_arrays(all);
    throw std::runtime_error("is not a .npy, .npz or .safetensors file");
  } catch (const std::system_error&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(file + ": " + error.what());
  }
}

}  // namespace truestep::identify
