namespace Axle.Portal.Graphs;

/// <summary>Where a box stands: its left upper corner.</summary>
internal readonly record struct BoxPlace(double X, double Y);

/// <summary>An arrow's way: through these points, from the left to the right unless it belongs to a circle.</summary>
internal sealed record ArrowPlace(GraphEdge Edge, IReadOnlyList<(double X, double Y)> Points);

internal sealed record GraphPicture(double Width, double Height, IReadOnlyDictionary<string, BoxPlace> Boxes, IReadOnlyList<ArrowPlace> Arrows);

/// <summary>
/// Puts boxes into columns so that arrows lead to the right: each box behind the longest way to it, boxes of a column in the
/// order that makes few arrows cross, at heights that make arrows straight. A column that would be a tower stands as several side by
/// side, and arrows that go the same long way share one lane. Pure, and the same for the same graph.
/// </summary>
internal static class GraphLayout
{
    public const double BoxWidth = 186;
    public const double BoxHeight = 42;
    private const double Gap = 14;
    private const double Between = 84;
    private const double Edge = 12;
    private const int Sweeps = 8;
    private const int Straightenings = 6;

    // An arrow over several columns takes a lane in each; where there are very many, that is more wood than trees.
    private const int LanesMax = 1200;

    // So many boxes one above the other are a column and not a tower, however few there are in all.
    private const int RowsMin = 14;

    public static GraphPicture Of(Graph graph)
    {
        if (graph.Nodes.Count == 0)
        {
            return new GraphPicture(0, 0, new Dictionary<string, BoxPlace>(), []);
        }

        // 1. Numbers for boxes; arrows that close a circle are turned round for the while.
        var number = graph.Nodes.Select((node, at) => (node.Id, at)).ToDictionary(one => one.Id, one => one.at);
        var arrows = graph.Edges.Select(edge => (From: number[edge.From], To: number[edge.To])).ToArray();
        var turned = Turned(graph.Nodes.Count, arrows);
        for (var at = 0; at < arrows.Length; at++)
        {
            arrows[at] = turned[at] ? (arrows[at].To, arrows[at].From) : arrows[at];
        }

        // 2. Columns, and lanes for arrows that pass some.
        var column = Broken(Columns(graph.Nodes.Count, arrows), arrows);
        var cells = Enumerable.Range(0, graph.Nodes.Count).Select(node => new Cell(column[node], BoxHeight)).ToList();
        var ways = Ways(arrows, turned, column, cells);

        // 3. The order in each column, and the heights.
        var columns = Ordered(cells);
        Straighten(columns);

        // 4. Numbers into places.
        var top = cells.Min(cell => cell.Y);
        var boxes = graph.Nodes.Select((node, at) => (node.Id, Place: new BoxPlace(X(cells[at].Column), cells[at].Y - top + Edge))).ToDictionary(one => one.Id, one => one.Place);
        var places = new ArrowPlace[arrows.Length];
        for (var at = 0; at < arrows.Length; at++)
        {
            List<(double X, double Y)> points = [];
            foreach (var cell in ways[at].Select(one => cells[one]))
            {
                var y = cell.Y - top + Edge + (cell.Height / 2);
                points.Add((X(cell.Column), y));
                points.Add((X(cell.Column) + BoxWidth, y));
            }

            // The arrow begins at the right side of the first box and ends at the left side of the last.
            points.RemoveAt(0);
            points.RemoveAt(points.Count - 1);
            if (turned[at])
            {
                points.Reverse();
            }

            places[at] = new ArrowPlace(graph.Edges[at], points);
        }

        return new GraphPicture(X(columns.Count - 1) + BoxWidth + Edge, cells.Max(cell => cell.Y + cell.Height) - top + (2 * Edge), boxes, places);
    }

    private static double X(int column) => Edge + (column * (BoxWidth + Between));

    /// <summary>Which arrows lead back to where a walk along the arrows came from.</summary>
    private static bool[] Turned(int nodes, (int From, int To)[] arrows)
    {
        var turned = new bool[arrows.Length];
        var outgoing = arrows.Select((arrow, at) => (arrow.From, at)).ToLookup(one => one.From, one => one.at);
        var state = new byte[nodes];
        for (var start = 0; start < nodes; start++)
        {
            if (state[start] != 0)
            {
                continue;
            }

            // By hand and not by recursion: a chain may be long.
            var walk = new Stack<(int Node, IEnumerator<int> Next)>();
            walk.Push((start, outgoing[start].GetEnumerator()));
            state[start] = 1;
            while (walk.TryPeek(out var at))
            {
                if (!at.Next.MoveNext())
                {
                    state[at.Node] = 2;
                    walk.Pop();
                    continue;
                }

                var to = arrows[at.Next.Current].To;
                if (state[to] == 1)
                {
                    turned[at.Next.Current] = true;
                }
                else if (state[to] == 0)
                {
                    state[to] = 1;
                    walk.Push((to, outgoing[to].GetEnumerator()));
                }
            }
        }

        return turned;
    }

    /// <summary>Each box behind the longest way to it; one that nothing leads to stands right before what it leads to.</summary>
    private static int[] Columns(int nodes, (int From, int To)[] arrows)
    {
        var column = new int[nodes];
        var incoming = new int[nodes];
        var outgoing = arrows.ToLookup(arrow => arrow.From, arrow => arrow.To);
        foreach (var (_, to) in arrows)
        {
            incoming[to]++;
        }

        var first = Enumerable.Range(0, nodes).Where(node => incoming[node] == 0).ToArray();
        var waiting = new Queue<int>(first);
        while (waiting.TryDequeue(out var node))
        {
            foreach (var to in outgoing[node])
            {
                column[to] = Math.Max(column[to], column[node] + 1);
                if (--incoming[to] == 0)
                {
                    waiting.Enqueue(to);
                }
            }
        }

        foreach (var node in first)
        {
            column[node] = outgoing[node].Select(to => column[to] - 1).DefaultIfEmpty(0).Min();
        }

        return column;
    }

    /// <summary>Towers become several columns. Boxes that lead to the same one are dealt out, so that each column stays near it.</summary>
    private static int[] Broken(int[] column, (int From, int To)[] arrows)
    {
        // As wide as it is high, more or less: a box with its gap is about three times as wide as high.
        var rows = Math.Max(RowsMin, (int)Math.Ceiling(Math.Sqrt(3.0 * column.Length)));
        var near = new int[column.Length];
        Array.Fill(near, int.MaxValue);
        foreach (var (from, to) in arrows)
        {
            near[from] = Math.Min(near[from], to);
        }

        var broken = new int[column.Length];
        var next = 0;
        foreach (var tower in Enumerable.Range(0, column.Length).GroupBy(node => column[node]).OrderBy(group => group.Key))
        {
            var boxes = tower.OrderBy(node => near[node]).ThenBy(node => node).ToList();
            var parts = (boxes.Count + rows - 1) / rows;
            for (var at = 0; at < boxes.Count; at++)
            {
                broken[boxes[at]] = next + (at % parts);
            }

            next += parts;
        }

        return broken;
    }

    /// <summary>Each arrow as the cells that it goes through: both boxes, and the lanes between. Whichever of its ends has more arrows, with those it shares them.</summary>
    private static int[][] Ways((int From, int To)[] arrows, bool[] turned, int[] column, List<Cell> cells)
    {
        var ways = new int[arrows.Length][];
        var lanes = new Dictionary<(int End, bool Outgoing, bool Turned, int Column), int>();
        var joined = new HashSet<(int, int)>();
        var outgoing = arrows.CountBy(arrow => arrow.From).ToDictionary();
        var incoming = arrows.CountBy(arrow => arrow.To).ToDictionary();
        for (var at = 0; at < arrows.Length; at++)
        {
            var (from, to) = arrows[at];
            List<int> way = [from];
            var fans = outgoing[from] > incoming[to];
            for (var between = column[from] + 1; between < column[to]; between++)
            {
                var lane = (fans ? from : to, fans, turned[at], between);
                if (!lanes.TryGetValue(lane, out var cell))
                {
                    if (cells.Count >= column.Length + LanesMax)
                    {
                        break;
                    }

                    cell = lanes[lane] = cells.Count;
                    cells.Add(new Cell(between, 0));
                }

                way.Add(cell);
            }

            way.Add(to);
            foreach (var (a, b) in way.Zip(way.Skip(1)).Where(joined.Add))
            {
                cells[a].After.Add(cells[b]);
                cells[b].Before.Add(cells[a]);
            }

            ways[at] = [.. way];
        }

        return ways;
    }

    private static List<List<Cell>> Ordered(List<Cell> cells)
    {
        var columns = cells.GroupBy(cell => cell.Column).OrderBy(group => group.Key).Select(group => Balanced([.. group])).ToList();
        columns.ForEach(Number);
        var (best, fewest) = (columns.ConvertAll(column => column.ToList()), Crossings(columns));
        for (var sweep = 0; sweep < Sweeps && fewest > 0; sweep++)
        {
            var rightwards = sweep % 2 == 0;
            foreach (var column in rightwards ? columns.Skip(1) : columns.AsEnumerable().Reverse().Skip(1))
            {
                // The sort is stable, so that boxes without a neighbour stay where they are.
                var sorted = column.GroupBy(cell => Median(rightwards ? cell.Before : cell.After) ?? cell.Order).OrderBy(group => group.Key).SelectMany(group => Balanced([.. group])).ToList();
                column.Clear();
                column.AddRange(sorted);
                Number(column);
            }

            var crossings = Crossings(columns);
            if (crossings < fewest)
            {
                (best, fewest) = (columns.ConvertAll(column => column.ToList()), crossings);
            }
        }

        best.ForEach(Number);
        return best;
    }

    /// <summary>Lanes in the middle of boxes that lead to the same place; else column after column would stand a step lower.</summary>
    private static List<Cell> Balanced(List<Cell> cells)
    {
        var boxes = cells.Where(cell => cell.Height > 0).ToList();
        return boxes.Count == 0 || boxes.Count == cells.Count ? cells : [.. boxes.Take(boxes.Count / 2), .. cells.Where(cell => cell.Height == 0), .. boxes.Skip(boxes.Count / 2)];
    }

    private static void Number(List<Cell> column)
    {
        for (var at = 0; at < column.Count; at++)
        {
            column[at].Order = at;
        }
    }

    private static double? Median(List<Cell> neighbours)
    {
        if (neighbours.Count == 0)
        {
            return null;
        }

        var orders = neighbours.Select(cell => cell.Order).Order().ToArray();
        var middle = orders.Length / 2;
        return orders.Length % 2 == 1 ? orders[middle] : (orders[middle - 1] + orders[middle]) / 2;
    }

    /// <summary>Pairs of arrows that cross, counted column by column with a tree of sums.</summary>
    private static long Crossings(List<List<Cell>> columns)
    {
        long crossings = 0;
        foreach (var column in columns)
        {
            var height = column.SelectMany(cell => cell.After).Select(cell => (int)cell.Order + 1).DefaultIfEmpty(0).Max();
            var tree = new int[height + 2];
            var seen = 0;
            foreach (var cell in column)
            {
                foreach (var after in cell.After)
                {
                    var below = 0;
                    for (var at = (int)after.Order + 1; at > 0; at -= at & -at)
                    {
                        below += tree[at];
                    }

                    crossings += seen - below;
                }

                foreach (var after in cell.After)
                {
                    seen++;
                    for (var at = (int)after.Order + 1; at < tree.Length; at += at & -at)
                    {
                        tree[at]++;
                    }
                }
            }
        }

        return crossings;
    }

    /// <summary>Heights: each cell as near to the middle of its neighbours as the order and the gaps allow.</summary>
    private static void Straighten(List<List<Cell>> columns)
    {
        foreach (var column in columns)
        {
            var y = 0.0;
            foreach (var cell in column)
            {
                cell.Y = y;
                y += cell.Height + Gap;
            }

            // Columns begin around one middle.
            column.ForEach(cell => cell.Y -= y / 2);
        }

        for (var turn = 0; turn < Straightenings; turn++)
        {
            foreach (var column in turn % 2 == 0 ? columns : columns.AsEnumerable().Reverse())
            {
                Fit(column);
            }
        }
    }

    /// <summary>The heights nearest to the wished ones that keep order and gaps: blocks that would overlap share their mean.</summary>
    private static void Fit(List<Cell> column)
    {
        var blocks = new List<(double Sum, int Count, int From)>();
        var offset = 0.0;
        var offsets = new double[column.Count];
        for (var at = 0; at < column.Count; at++)
        {
            offsets[at] = offset;
            blocks.Add((Wish(column[at]) - offset, 1, at));
            offset += column[at].Height + Gap;
            while (blocks.Count > 1 && blocks[^2].Sum / blocks[^2].Count > blocks[^1].Sum / blocks[^1].Count)
            {
                var (last, before) = (blocks[^1], blocks[^2]);
                blocks.RemoveAt(blocks.Count - 1);
                blocks[^1] = (before.Sum + last.Sum, before.Count + last.Count, before.From);
            }
        }

        foreach (var (sum, count, from) in blocks)
        {
            for (var at = from; at < from + count; at++)
            {
                column[at].Y = (sum / count) + offsets[at];
            }
        }
    }

    private static double Wish(Cell cell)
    {
        var neighbours = cell.Before.Concat(cell.After).ToList();
        return neighbours.Count == 0 ? cell.Y : neighbours.Average(other => other.Y + (other.Height / 2)) - (cell.Height / 2);
    }

    /// <summary>A box, or a lane of an arrow that passes the column.</summary>
    private sealed class Cell(int column, double height)
    {
        public int Column { get; } = column;

        public double Height { get; } = height;

        public double Order { get; set; }

        public double Y { get; set; }

        public List<Cell> Before { get; } = [];

        public List<Cell> After { get; } = [];
    }
}
