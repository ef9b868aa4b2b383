using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Push.IntegrationTests.Listening;

/// <summary>Pools that say how many of their blocks are out.</summary>
internal sealed class CountingMemory : IMemoryPoolFactory<byte>
{
    private int _outstanding;

    public int Outstanding => Volatile.Read(ref _outstanding);

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool(this);

    private sealed class Pool(CountingMemory memory) : MemoryPool<byte>
    {
        public override int MaxBufferSize => 4096;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            Interlocked.Increment(ref memory._outstanding);
            return new Block(memory, Math.Max(MaxBufferSize, minBufferSize));
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    private sealed class Block(CountingMemory memory, int length) : IMemoryOwner<byte>
    {
        private bool _isReturned;

        public Memory<byte> Memory { get; } = new byte[length];

        public void Dispose()
        {
            if (!_isReturned)
            {
                _isReturned = true;
                Interlocked.Decrement(ref memory._outstanding);
            }
        }
    }
}
