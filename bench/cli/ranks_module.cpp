// SPDX-License-Identifier: Apache-2.0
#define OMPI_SKIP_MPICXX
#include "ranks_module.hpp"

#include <mpi.h>

#include <algorithm>

namespace {

/// MPI counts in int.
template <class Bytes, class Transfer>
void in_pieces(Bytes* bytes, std::uint64_t count, Transfer transfer) {
  constexpr std::uint64_t most = 1 << 30;
  for (std::uint64_t done = 0; done < count; done += most)
    transfer(bytes + done, static_cast<int>(std::min(most, count - done)));
}

int join(int* rank, int* size) {
  if (MPI_Init(nullptr, nullptr) != MPI_SUCCESS) return 1;
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, size);
  return 0;
}

void send(const char* bytes, std::uint64_t count) {
  MPI_Send(&count, 1, MPI_UINT64_T, 0, 0, MPI_COMM_WORLD);
  in_pieces(bytes, count, [](const char* piece, int length) {
    MPI_Send(piece, length, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
  });
}

std::uint64_t size_from(int rank) {
  std::uint64_t count = 0;
  MPI_Recv(&count, 1, MPI_UINT64_T, rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return count;
}

void receive(int rank, char* bytes, std::uint64_t count) {
  in_pieces(bytes, count, [rank](char* piece, int length) {
    MPI_Recv(piece, length, MPI_BYTE, rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  });
}

void broadcast(char* bytes, std::uint64_t count) {
  in_pieces(bytes, count,
            [](char* piece, int length) { MPI_Bcast(piece, length, MPI_BYTE, 0, MPI_COMM_WORLD); });
}

void leave() { MPI_Finalize(); }

void end_all(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

}  // namespace

const TruestepRanks truestep_ranks{join, send, size_from, receive, broadcast, leave, end_all};
