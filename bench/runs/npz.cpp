// SPDX-License-Identifier: Apache-2.0
#include "npz.hpp"

#include <cstdint>
#include <memory>
#include <stdexcept>

#if TRUESTEP_HAVE_ZIP
#include <zip.h>
#endif

namespace truestep::identify {

void Npz::add(const std::string& name, std::string_view type, const std::vector<std::size_t>& shape,
              std::string_view data) {
  std::string lengths;
  for (const auto length : shape) lengths += std::to_string(length) + ",";
  std::string header = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (" +
                       lengths + "), }";
  constexpr std::size_t before = 10, aligned = 64;
  header.resize((before + header.size() + aligned) / aligned * aligned - before - 1, ' ');
  header += '\n';
  std::string bytes = "\x93NUMPY";
  const auto size = static_cast<std::uint16_t>(header.size());
  for (const int byte : {1, 0, size & 0xff, size >> 8}) bytes += static_cast<char>(byte);
  bytes += header;
  bytes += data;
  members_.push_back({name + ".npy", std::move(bytes)});
}

#if TRUESTEP_HAVE_ZIP

namespace {

struct Free {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};

[[noreturn]] void fail(const char* why) {
  throw std::runtime_error(std::string("a zip archive cannot be written: ") + why);
}

/// The member is stored as it is, of no day, so that nothing but the arrays is in the bytes.
void add_to(zip_t* archive, const std::string& name, const std::string& bytes) {
  zip_source_t* const source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
  if (source == nullptr) fail(zip_strerror(archive));
  const auto index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    fail(zip_strerror(archive));
  }
  constexpr zip_uint16_t first_day = 0x21;  // 1980-01-01
  const auto at = static_cast<zip_uint64_t>(index);
  if (zip_set_file_compression(archive, at, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, at, 0, first_day, 0) != 0)
    fail(zip_strerror(archive));
}

std::string read(zip_source_t* source) {
  std::string all;
  if (zip_source_open(source) != 0 || zip_source_seek(source, 0, SEEK_END) != 0)
    fail(zip_error_strerror(zip_source_error(source)));
  all.resize(static_cast<std::size_t>(zip_source_tell(source)));
  if (zip_source_seek(source, 0, SEEK_SET) != 0 ||
      zip_source_read(source, all.data(), all.size()) != static_cast<zip_int64_t>(all.size()))
    fail(zip_error_strerror(zip_source_error(source)));
  zip_source_close(source);
  return all;
}

}  // namespace

std::string Npz::bytes() const {
  zip_error_t error;
  zip_error_init(&error);
  const std::unique_ptr<zip_source_t, Free> memory(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!memory) throw std::bad_alloc();
  std::unique_ptr<zip_t, Free> archive(
      zip_open_from_source(memory.get(), ZIP_CREATE | ZIP_TRUNCATE, &error));
  if (!archive) fail(zip_error_strerror(&error));
  zip_source_keep(memory.get());  // the archive has taken the one that was made
  for (const auto& [name, bytes] : members_) add_to(archive.get(), name, bytes);
  if (zip_close(archive.get()) != 0) fail(zip_strerror(archive.get()));
  archive.release();
  return read(memory.get());
}

#else

std::string Npz::bytes() const {
  throw std::runtime_error("a .npz file cannot be written: truestep was built without libzip");
}

#endif

}  // namespace truestep::identify
