using AdaptiveKv.Collection;

namespace AdaptiveKv.Unit.Collection;

public sealed class SideBySideTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 3, 1)]
    [InlineData(16, 2, 8)]
    public void WhatIsFoundComesInOrderFromAsManyAsTheMemoryHolds(int threads, int collectors, int own)
    {
        List<Collector> made = [];
        using SideBySide<Collector> all = new(threads, (1L << 30) / collectors, each => new Collector(each, made));

        IReadOnlyList<int> found = all.Collect(Enumerable.Range(0, 50), (collector, item) => collector.Square(item));

        Assert.Equal(Enumerable.Range(0, 50).Select(item => item * item), found);
        Assert.Equal(Enumerable.Repeat(own, collectors), made.Select(collector => collector.Threads));
        Assert.Equal(50, made.Sum(collector => collector.Items));
    }

    /// <summary>Two items that wait for each other end only where two collectors have them at a time.</summary>
    [Fact]
    public void TheyWorkAtTheSameTime()
    {
        using Barrier together = new(2);
        using SideBySide<Collector> all = new(2, 1, each => new Collector(each, []));

        Assert.Equal([true, true], all.Collect([0, 1], (_, _) => together.SignalAndWait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void AFailureEndsAllAndIsToldAsItWas()
    {
        List<Collector> made = [];
        using (SideBySide<Collector> all = new(2, 1, each => new Collector(each, made)))
        {
            int taken = 0;
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => all.Collect(Enumerable.Range(0, 100_000), (_, item) =>
            {
                Interlocked.Increment(ref taken);
                return item == 3 ? throw new InvalidDataException("item 3") : item;
            }));
            Assert.Equal("item 3", error.Message);
            Assert.InRange(taken, 4, 99_999);
            Assert.Throws<OperationCanceledException>(() => all.Collect(Cancelled(), (_, item) => item));
        }

        Assert.All(made, collector => Assert.True(collector.IsDisposed));
    }

    private static IEnumerable<int> Cancelled()
    {
        yield return 0;
        throw new OperationCanceledException();
    }

    private sealed class Collector : IDisposable
    {
        public Collector(int threads, List<Collector> made)
        {
            Threads = threads;
            made.Add(this);
        }

        public int Threads { get; }

        public int Items { get; private set; }

        public bool IsDisposed { get; private set; }

        public int Square(int item)
        {
            Items++;
            return item * item;
        }

        public void Dispose() => IsDisposed = true;
    }
}
